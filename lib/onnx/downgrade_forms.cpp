// SPDX-License-Identifier: Apache-2.0
// Operators whose form changed: inputs back to attributes, and what older forms cannot say. docs/Changelog.md of onnx/onnx tells them.
#include <algorithm>
#include <array>
#include <numeric>

#include "lib/onnx/downgrade.h"

namespace hone {
namespace {

Error computed(const Descent& d, std::string_view what) {
  return invalid("its {} are computed at run time, and {} of opset {} takes them as an attribute only; make them constant, or convert to a later opset", what,
                 d.node.op, d.opset);
}
Error unsaid(const Descent& d, std::string_view what) {
  return invalid("{} of opset {} cannot say {}; convert to a later opset", d.node.op, d.opset, what);
}

// Input `i`, when present, becomes the attribute.
Status to_attribute(Descent& d, std::size_t i, std::string name, std::size_t inputs_kept) {
  if (d.node.input(i)) {
    const auto values = d.integers(i);
    if (!values) return computed(d, name);
    d.node.attributes.insert_or_assign(std::move(name), *values);
  }
  d.drop_inputs_from(inputs_kept);
  return Ok{};
}

// noop_with_empty_axes without axes reduces each element alone; absent axes otherwise mean all.
Status reduce(Descent& d) {
  const auto axes = d.integers(1);
  if (d.node.input(1) && !axes) return computed(d, "axes");
  const bool none = !axes || axes->empty(), alone = none && d.node.integer("noop_with_empty_axes") != 0;
  d.node.attributes.erase("noop_with_empty_axes");
  d.drop_inputs_from(1);
  if (!none) d.node.attributes.insert_or_assign("axes", *axes);
  if (!alone) return Ok{};
  const bool same = std::ranges::any_of(std::array{"ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum"}, [&](std::string_view op) { return d.node.op == op; });
  if (!same) return unsaid(d, "that it reduces over no axis");
  d.node.attributes.clear();
  d.become("Identity");
  return Ok{};
}

Status axes_to_attribute(Descent& d) { return to_attribute(d, 1, "axes", 1); }

Status split_18(Descent& d) {
  const std::int64_t parts = d.node.integer("num_outputs");
  d.node.attributes.erase("num_outputs");
  if (d.node.input(1) || parts < 1) return Ok{};
  const Shape x = d.shape(d.node.input(0));
  if (!x.ranked) return unsaid(d, "num_outputs when the shape is not known");
  TRY(const std::size_t axis, normalize_axis(d.node.integer("axis"), x.rank()));
  if (!x.dims[axis].known()) return unsaid(d, "num_outputs when the dimension is not known");
  const std::int64_t size = x.dims[axis].value, part = (size + parts - 1) / parts;
  if (size % parts == 0) return Ok{};
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(parts), part);
  sizes.back() = size - part * (parts - 1);
  d.graph.set_input(&d.node, 1, d.vector_of(std::move(sizes)));
  return Ok{};
}
Status split_13(Descent& d) { return to_attribute(d, 1, "split", 1); }

// Bounds that are no constants become Max and Min.
Status clip_11(Descent& d) {
  const Tensor *low = d.constant(d.node.input(1)), *high = d.constant(d.node.input(2));
  const bool fixed = (!d.node.input(1) || low) && (!d.node.input(2) || high);
  if (fixed && d.takes("Clip", d.dtype(d.node.input(0)))) {
    if (low && low->count() == 1) d.node.attributes.emplace("min", static_cast<float>(low->to_doubles()[0]));
    if (high && high->count() == 1) d.node.attributes.emplace("max", static_cast<float>(high->to_doubles()[0]));
    d.drop_inputs_from(1);
    return Ok{};
  }
  Value* x = d.node.input(0);
  Value* y = x;
  if (d.node.input(1)) y = d.add("Max", {y, d.node.input(1)}, x);
  if (d.node.input(2) || y == x) y = d.node.input(2) ? d.add("Min", {y, d.node.input(2)}, x) : d.add("Identity", {x}, x);
  d.replace(0, y);
  return Ok{};
}

Status dropout_12(Descent& d) {
  const Tensor *ratio = d.constant(d.node.input(1)), *training = d.constant(d.node.input(2));
  if (d.node.input(2) && (!training || training->count() != 1 || training->to_ints()[0] != 0)) return unsaid(d, "training_mode");
  if (d.node.input(1) && (!ratio || ratio->count() != 1)) return computed(d, "ratio");
  if (d.node.output(1) && d.opset < 10 && !d.node.output(1)->users.empty()) return unsaid(d, "a mask of type bool");
  if (ratio) d.node.attributes.emplace("ratio", static_cast<float>(ratio->to_doubles()[0]));
  d.node.attributes.erase("seed");
  d.drop_inputs_from(1);
  return Ok{};
}

// The mode of version 19 is named, the pads of listed axes are spread over all.
Status pad_19(Descent& d) { return d.node.text("mode") == "wrap" ? unsaid(d, "mode wrap") : Status(Ok{}); }
Status pad_18(Descent& d) {
  if (!d.node.input(3)) return Ok{};
  const auto axes = d.integers(3), pads = d.integers(1);
  const Shape x = d.shape(d.node.input(0));
  if (!axes || !pads || !x.ranked || pads->size() != 2 * axes->size()) return unsaid(d, "axes that are computed, or of an input of unknown rank");
  std::vector<std::int64_t> all(2 * x.rank());
  for (std::size_t i = 0; i < axes->size(); ++i) {
    TRY(const std::size_t axis, normalize_axis((*axes)[i], x.rank()));
    all[axis] = (*pads)[i];
    all[axis + x.rank()] = (*pads)[i + axes->size()];
  }
  d.graph.set_input(&d.node, 1, d.vector_of(std::move(all)));
  d.drop_inputs_from(3);
  return Ok{};
}
Status pad_11(Descent& d) {
  const Tensor* value = d.constant(d.node.input(2));
  if (d.node.input(2) && !value) return computed(d, "fill values");
  if (value && value->count() == 1) d.node.attributes.emplace("value", static_cast<float>(value->to_doubles()[0]));
  return to_attribute(d, 1, "pads", 1);
}

Status slice_10(Descent& d) {
  const auto steps = d.integers(4);
  if (d.node.input(4) && (!steps || std::ranges::any_of(*steps, [](std::int64_t s) { return s != 1; }))) return unsaid(d, "steps");
  CHECK_OK(to_attribute(d, 3, "axes", 3));
  CHECK_OK(to_attribute(d, 2, "ends", 2));
  return to_attribute(d, 1, "starts", 1);
}

Status topk_11(Descent& d) {
  if (d.node.integer("largest", 1) == 0) return unsaid(d, "the smallest elements");
  d.node.attributes.erase("largest");
  d.node.attributes.erase("sorted");  // they always are
  return Ok{};
}
Status topk_10(Descent& d) {
  const auto k = d.integers(1);
  if (!k || k->size() != 1) return computed(d, "k");
  d.node.attributes.insert_or_assign("k", k->front());
  d.drop_inputs_from(1);
  return Ok{};
}

Status resize_19(Descent& d) {
  const std::string_view mode = d.node.text("coordinate_transformation_mode");
  return mode == "half_pixel_symmetric" ? unsaid(d, "half_pixel_symmetric") : Status(Ok{});
}
// Scales or sizes of listed axes are spread over all.
Status resize_18(Descent& d) {
  const auto* axes = d.node.find<std::vector<std::int64_t>>("axes");
  if (d.node.text("keep_aspect_ratio_policy", "stretch") != "stretch") return unsaid(d, "keep_aspect_ratio_policy");
  if (!axes) return Ok{};
  const Shape x = d.shape(d.node.input(0));
  const Tensor* scales = d.constant(d.node.input(2));
  const auto sizes = d.integers(3);
  if (!x.ranked || d.node.input(1) || (!scales && !sizes)) return unsaid(d, "axes of scales that are computed");
  std::vector<float> all_scales(x.rank(), 1);
  std::vector<std::int64_t> all_sizes;
  for (const Dim& dim : x.dims) all_sizes.push_back(dim.value);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    TRY(const std::size_t axis, normalize_axis((*axes)[i], x.rank()));
    if (sizes && i < sizes->size()) all_sizes[axis] = (*sizes)[i];
    else if (scales && static_cast<std::int64_t>(i) < scales->count()) all_scales[axis] = scales->to_floats()[i];
  }
  if (sizes && std::ranges::any_of(all_sizes, [](std::int64_t s) { return s < 0; })) return unsaid(d, "sizes beside dimensions that are not known");
  if (sizes) d.graph.set_input(&d.node, 3, d.vector_of(std::move(all_sizes)));
  else d.graph.set_input(&d.node, 2, d.graph.constant("scales", Tensor::vector<float>(all_scales)));
  d.node.attributes.erase("axes");
  return Ok{};
}
// roi and scales could not be left out.
Status resize_13(Descent& d) {
  for (const std::size_t i : {1, 2})
    if (!d.node.input(i)) d.graph.set_input(&d.node, i, d.graph.constant(i == 1 ? "roi" : "scales", Tensor::vector<float>(std::vector<float>())));
  return Ok{};
}
// Version 10 divides coordinates by the scale and takes the floor.
Status resize_11(Descent& d) {
  const std::string_view how = d.node.text("coordinate_transformation_mode", "half_pixel"), mode = d.node.text("mode", "nearest");
  const bool plain = how == "asymmetric" && (mode == "linear" || (mode == "nearest" && d.node.text("nearest_mode", "round_prefer_floor") == "floor"));
  if (!plain) return unsaid(d, "other coordinates than asymmetric, other modes than nearest with floor and linear");
  if (d.node.input(3)) return unsaid(d, "sizes");
  Value* scales = d.node.input(2);
  d.drop_inputs_from(1);
  d.graph.set_input(&d.node, 1, scales);
  for (const char* name : {"coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value"}) d.node.attributes.erase(name);
  return Ok{};
}
Status resize_10(Descent& d) {
  const Tensor* scales = d.constant(d.node.input(1));
  if (!scales || std::ranges::any_of(scales->to_floats(), [](float s) { return s < 1; })) return invalid("Upsample of opset {} only enlarges, by scales that are known; convert to opset 10 or later", d.opset);
  if (d.opset < 9) {
    d.node.attributes.insert_or_assign("scales", scales->to_floats());
    d.drop_inputs_from(1);
  }
  d.become("Upsample");
  return Ok{};
}

// Before 13 axes from `axis` on were one: the same when all after it are 1, or when it is the last.
Status lanes_13(Descent& d) {
  const Shape x = d.shape(d.node.input(0));
  const std::int64_t axis = d.node.integer("axis", -1);
  if (!x.ranked && (axis != -1 || d.opset < 11)) return unsaid(d, "which axis, when the rank is not known");
  d.node.attributes.insert_or_assign("axis", axis);
  if (!x.ranked) return Ok{};
  TRY(const std::size_t at, normalize_axis(axis, std::max<std::size_t>(x.rank(), 1)));
  d.node.attributes.insert_or_assign("axis", static_cast<std::int64_t>(at));
  if (std::all_of(x.dims.begin() + static_cast<std::ptrdiff_t>(std::min(at + 1, x.rank())), x.dims.end(), [](const Dim& dim) { return dim.value == 1; })) return Ok{};
  std::vector<std::int64_t> swap(x.rank());
  std::iota(swap.begin(), swap.end(), 0);
  std::swap(swap[at], swap.back());
  Shape moved = x;
  std::swap(moved.dims[at], moved.dims.back());
  const DType dtype = d.dtype(d.node.input(0));
  Value* t = d.add("Transpose", {d.node.input(0)}, dtype, moved);
  d.last()->attributes.emplace("perm", swap);
  Value* s = d.add(d.node.op, {t}, dtype, moved);
  d.last()->attributes.emplace("axis", static_cast<std::int64_t>(x.rank()) - 1);
  Value* back = d.add("Transpose", {s}, dtype, x);
  d.last()->attributes.emplace("perm", std::move(swap));
  d.replace(0, back);
  return Ok{};
}

Status grid_sample_20(Descent& d) {
  if (const Shape x = d.shape(d.node.input(0)); x.ranked && x.rank() != 4) return unsaid(d, "anything but images of 4 axes");
  const std::string_view mode = d.node.text("mode", "linear");
  d.node.attributes.insert_or_assign("mode", std::string(mode == "linear" ? "bilinear" : mode == "cubic" ? "bicubic" : mode));
  return Ok{};
}

Status gemm_11(Descent& d) {
  if (d.node.input(2)) return Ok{};
  const DType dtype = d.dtype(d.node.input(0));
  if (dtype == DType::undefined) return unsaid(d, "that there is nothing to add, when the type is not known");
  d.graph.set_input(&d.node, 2, d.graph.constant("zero", Tensor::allocate(dtype, {1})));
  return Ok{};
}

Status shape_15(Descent& d) {
  if (!d.node.attributes.contains("start") && !d.node.attributes.contains("end")) return Ok{};
  const Shape x = d.shape(d.node.input(0));
  const std::int64_t start = d.node.integer("start"), end = d.node.integer("end", INT64_MAX);
  d.node.attributes.clear();
  Value* all = d.add("Shape", {d.node.input(0)}, DType::i64, x.ranked ? Shape{Dim(static_cast<std::int64_t>(x.rank()))} : Shape::unknown(1));
  d.replace(0, d.add("Slice", {all, d.vector_of(std::vector{start}), d.vector_of(std::vector{end}), d.vector_of(std::vector<std::int64_t>{0})}, d.node.output(0)));
  return Ok{};
}

Status reshape_14(Descent& d) {
  if (d.node.integer("allowzero") == 0) return Ok{};
  const auto target = d.integers(1);
  if (!target || std::ranges::find(*target, 0) != target->end()) return unsaid(d, "allowzero");
  d.node.attributes.erase("allowzero");
  return Ok{};
}

Status scatter_18(Descent& d) {
  const std::string_view reduction = d.node.text("reduction", "none");
  return reduction == "max" || reduction == "min" ? unsaid(d, "reduction max or min") : Status(Ok{});
}
Status scatter_11(Descent& d) { return d.become("Scatter"), Ok{}; }

// Indices below 0 were out of range; they count from the end since.
Status one_hot_11(Descent& d) {
  Value* index = d.node.input(0);
  const DType t = d.dtype(index);
  const Shape shape = d.shape(index);
  if (!shape.ranked || shape.rank() == 0 || !is_integer(t)) return unsaid(d, "that indices may count from the end, unless they are integers of a known rank");
  Value* depth = d.add("Cast", {d.node.input(1)}, t, d.shape(d.node.input(1)));
  d.last()->attributes.emplace("to", static_cast<std::int64_t>(t));
  Value* below = d.add("Less", {index, d.graph.constant("zero", Tensor::allocate(t, {}))}, DType::boolean, shape);
  d.graph.set_input(&d.node, 0, d.add("Where", {below, d.add("Add", {index, depth}, index), index}, index));
  return Ok{};
}

Status roi_align_16(Descent& d) {
  if (d.node.text("coordinate_transformation_mode", "half_pixel") != "output_half_pixel") return unsaid(d, "coordinates half_pixel");
  d.node.attributes.erase("coordinate_transformation_mode");
  return Ok{};
}

Status dft_20(Descent& d) {
  const Shape x = d.shape(d.node.input(0));
  const auto axis = d.node.input(2) ? d.integers(2) : std::vector<std::int64_t>{-2};
  if (!axis || axis->size() != 1 || (axis->front() < 0 && !x.ranked)) return computed(d, "axes");
  d.node.attributes.insert_or_assign("axis", axis->front() < 0 ? axis->front() + static_cast<std::int64_t>(x.rank()) : axis->front());
  d.drop_inputs_from(2);
  return Ok{};
}

// The type of the result was that of the zero point.
Status quantize_21(Descent& d) {
  const std::int64_t type = d.node.integer("output_dtype");
  d.node.attributes.erase("output_dtype");
  if (type == 0 || d.node.input(2)) return Ok{};
  const auto scale = d.shape(d.node.input(1)).concrete();
  if (!scale) return unsaid(d, "output_dtype when the shape of the scale is not known");
  d.graph.set_input(&d.node, 2, d.graph.constant("zero_point", Tensor::allocate(static_cast<DType>(type), *scale)));
  return Ok{};
}
Status dequantize_23(Descent& d) {
  const std::int64_t type = d.node.integer("output_dtype");
  if (type == 0 || static_cast<DType>(type) == d.dtype(d.node.input(1))) d.node.attributes.erase("output_dtype");
  return Ok{};
}
bool one_scale(const Descent& d) {
  const auto dims = d.shape(d.node.input(1)).concrete();
  return dims && count_of(*dims) == 1 && dims->size() <= 1;
}
Status quantize_13(Descent& d) {
  if (!one_scale(d)) return unsaid(d, "a scale for each index of an axis");
  d.node.attributes.erase("axis");
  return Ok{};
}
// y = (x - zero_point) * scale, the scale along its axis.
Status dequantize_13(Descent& d) {
  if (one_scale(d)) return d.node.attributes.erase("axis"), Ok{};
  const Shape x = d.shape(d.node.input(0));
  const DType dtype = d.dtype(d.node.input(1));
  if (!x.ranked || dtype != DType::f32 || d.shape(d.node.input(1)).rank() != 1) return unsaid(d, "a scale for each index or block of an axis");
  TRY(const std::size_t axis, normalize_axis(d.node.integer("axis", 1), x.rank()));
  std::vector<std::int64_t> ones(x.rank(), 1);
  ones[axis] = -1;
  const auto to_float = [&](Value* v) {
    Value* made = d.add("Cast", {v}, dtype, d.shape(v));
    d.last()->attributes.emplace("to", static_cast<std::int64_t>(dtype));
    return made;
  };
  const auto along = [&](Value* v) { return d.add("Reshape", {v, d.vector_of(ones)}, dtype, Shape::unknown(x.rank())); };
  Value* y = to_float(d.node.input(0));
  if (d.node.input(2)) y = d.add("Sub", {y, along(to_float(d.node.input(2)))}, dtype, x);
  d.replace(0, d.add("Mul", {y, along(d.node.input(1))}, dtype, x));
  return Ok{};
}

// Before opset 8 these did not broadcast; Add and Mul did.
Status variadic_8(Descent& d) {
  const std::vector<Value*> in = d.node.inputs;
  const Shape first = d.shape(in[0]);
  const bool alike = std::ranges::all_of(in, [&](const Value* v) {
    const Shape s = d.shape(v);
    return s.ranked && s.rank() == first.rank() && std::ranges::equal(s.dims, first.dims, [](const Dim& a, const Dim& b) { return a.same(b); });
  });
  if (alike) return Ok{};
  if (d.node.op != "Sum") return unsaid(d, "that its inputs are broadcast");
  Value* sum = in[0];
  for (std::size_t i = 1; i < in.size(); ++i) sum = d.add("Add", {sum, in[i]}, d.dtype(in[0]), {});
  d.replace(0, sum);
  return Ok{};
}
Status scan_9(Descent& d) { return unsaid(d, "the axes that are scanned"); }

constexpr Step steps[] = {
    {"ReduceL1", 18, reduce}, {"ReduceL2", 18, reduce}, {"ReduceLogSum", 18, reduce}, {"ReduceLogSumExp", 18, reduce}, {"ReduceMax", 18, reduce},
    {"ReduceMean", 18, reduce}, {"ReduceMin", 18, reduce}, {"ReduceProd", 18, reduce}, {"ReduceSumSquare", 18, reduce}, {"ReduceSum", 13, reduce},
    {"Squeeze", 13, axes_to_attribute}, {"Unsqueeze", 13, axes_to_attribute},
    {"Split", 18, split_18}, {"Split", 13, split_13},
    {"Clip", 11, clip_11}, {"Dropout", 12, dropout_12},
    {"Pad", 19, pad_19}, {"Pad", 18, pad_18}, {"Pad", 11, pad_11},
    {"Slice", 10, slice_10}, {"TopK", 11, topk_11}, {"TopK", 10, topk_10},
    {"Resize", 19, resize_19}, {"Resize", 18, resize_18}, {"Resize", 13, resize_13}, {"Resize", 11, resize_11}, {"Resize", 10, resize_10},
    {"Softmax", 13, lanes_13}, {"LogSoftmax", 13, lanes_13}, {"Hardmax", 13, lanes_13},
    {"GridSample", 20, grid_sample_20}, {"Gemm", 11, gemm_11}, {"Shape", 15, shape_15}, {"Reshape", 14, reshape_14},
    {"ScatterElements", 18, scatter_18}, {"ScatterElements", 11, scatter_11}, {"ScatterND", 18, scatter_18},
    {"OneHot", 11, one_hot_11}, {"RoiAlign", 16, roi_align_16}, {"DFT", 20, dft_20},
    {"QuantizeLinear", 21, quantize_21}, {"QuantizeLinear", 13, quantize_13},
    {"DequantizeLinear", 23, dequantize_23}, {"DequantizeLinear", 13, dequantize_13},
    {"Max", 8, variadic_8}, {"Min", 8, variadic_8}, {"Sum", 8, variadic_8}, {"Mean", 8, variadic_8}, {"Scan", 9, scan_9},
};

}  // namespace

std::span<const Step> form_steps() { return steps; }

}  // namespace hone
