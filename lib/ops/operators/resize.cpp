// SPDX-License-Identifier: Apache-2.0
// Resamples any axes by scales or to sizes: nearest, linear or cubic, one axis after the other.
#include "lib/ir/dim_math.h"
#include "lib/ops/resize.h"

#include <cmath>
#include <cstring>
#include <numeric>

#include "lib/ops/convert.h"
#include "lib/ops/move.h"
#include "lib/ops/saturate.h"
#include "lib/ops/wide.h"

namespace hone {

// The axes that scales, sizes and roi speak of: all of them unless the attribute says otherwise.
static Result<std::vector<std::size_t>> resized_axes(const Node& node, std::size_t rank) {
  std::vector<std::size_t> axes(rank);
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  const auto* given = node.find<std::vector<std::int64_t>>("axes");
  if (!given) return axes;
  axes.clear();
  for (const std::int64_t a : *given) {
    TRY(const std::size_t axis, normalize_axis(a, rank));
    if (std::ranges::find(axes, axis) != axes.end()) return invalid("axes contains {} twice", a);
    axes.push_back(axis);
  }
  return axes;
}

// The scale common to all sizes when the aspect ratio is kept; nothing when sizes are taken as they are.
static Result<std::optional<float>> common_scale(const Node& node, const std::vector<Dim>& x, std::span<const std::size_t> axes,
                                                 std::span<const std::int64_t> sizes) {
  const std::string_view policy = node.text("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch") return std::optional<float>();
  if (policy != "not_larger" && policy != "not_smaller") return invalid("keep_aspect_ratio_policy '{}' is not known", policy);
  std::optional<float> scale;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (x[axes[i]].value < 1) return invalid("the input has no elements along axis {}", axes[i]);
    const float s = static_cast<float>(sizes[i]) / static_cast<float>(x[axes[i]].value);
    scale = !scale ? s : policy == "not_larger" ? std::min(*scale, s) : std::max(*scale, s);
  }
  return scale;
}

// Fills in `out` and `scale` of every axis from input 2 (scales) or 3 (sizes). Unknown inputs leave unknown outputs.
namespace {
struct Sizes {
  std::vector<Dim> out;
  std::vector<float> scale;
};
}  // namespace
static Result<Sizes> sizes_of(const Node& node, const std::vector<Dim>& x, const Tensor* scales,
                              const std::optional<std::vector<Dim>>& sizes) {
  TRY(const std::vector<std::size_t> axes, resized_axes(node, x.size()));
  Sizes r{x, std::vector<float>(x.size(), 1.0f)};
  for (const std::size_t a : axes) r.out[a] = Dim();
  if (scales && scales->count() > 0) {
    const std::vector<float> values = scales->to_floats();
    if (values.size() != axes.size()) return invalid("scales has {} elements, expected {}", values.size(), axes.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const Dim& d = x[axes[i]];
      if (!(values[i] > 0) || !(values[i] < 1e9f)) return invalid("scales contains {}, expected a number above 0", values[i]);
      r.scale[axes[i]] = values[i];
      if (values[i] == 1)
        r.out[axes[i]] = d;
      else if (d.known())
        r.out[axes[i]] = to<std::int64_t>(std::floor(static_cast<float>(d.value) * values[i]));
      else if (values[i] == std::floor(values[i]))
        r.out[axes[i]] = d * Dim(static_cast<std::int64_t>(values[i]));
      else if (values[i] == 0.5f || values[i] == 0.25f || values[i] == 0.125f)
        r.out[axes[i]] = floor_div(d, Dim(static_cast<std::int64_t>(1 / values[i])));
    }
    return r;
  }
  if (!sizes) return r;
  if (sizes->size() != axes.size()) return invalid("sizes has {} elements, expected {}", sizes->size(), axes.size());
  std::vector<std::int64_t> wanted;
  bool known = true;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    r.out[axes[i]] = (*sizes)[i];
    known = known && (*sizes)[i].known() && x[axes[i]].known();
    wanted.push_back((*sizes)[i].value);
  }
  if (!known) {
    if (node.text("keep_aspect_ratio_policy", "stretch") != "stretch")
      for (const std::size_t a : axes) r.out[a] = Dim();
    return r;
  }
  TRY(const auto common, common_scale(node, x, axes, wanted));
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto length = static_cast<float>(x[axes[i]].value);
    if (common) r.out[axes[i]] = to<std::int64_t>(std::floor(*common * length + 0.5f));
    r.scale[axes[i]] = common ? *common : static_cast<float>(wanted[i]) / length;
  }
  return r;
}

static Status infer(InferCall& c) {
  CHECK_OK(resize_options(c.node));
  const Shape& x = c.shape(0);
  Shape y;
  if (x.ranked) {
    y = Shape::unknown(x.rank());
    if (!c.has(2) || c.constant(2)) {
      TRY(Sizes sizes, sizes_of(c.node, x.dims, c.constant(2), c.content(3)));
      y.dims = std::move(sizes.out);
    }
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Result<std::vector<ResizeAxis>> axes_of(const OpCall& c, const ResizeOptions& options) {
  const Shape x = Shape::of(c.in(0).dims());
  std::optional<std::vector<Dim>> wanted;
  if (c.has(3)) {
    const auto ints = c.in(3).to_ints();
    wanted.emplace(ints.begin(), ints.end());
  }
  TRY(const Sizes sizes, sizes_of(c.node, x.dims, c.find(2), wanted));
  std::vector<ResizeAxis> axes(x.rank());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!sizes.out[i].known()) return invalid("scales and sizes are both absent or negative");
    axes[i].in = x.dims[i].value;
    axes[i].out = sizes.out[i].value;
    axes[i].scale = sizes.scale[i];
    const bool exact = (!c.has(2) || c.in(2).count() == 0) && c.node.text("keep_aspect_ratio_policy", "stretch") == "stretch";
    axes[i].resized = !exact ? sizes.scale[i] * static_cast<float>(axes[i].in) : static_cast<float>(axes[i].out);
    if (axes[i].in == 0 && axes[i].out != 0) return invalid("the input has no elements along axis {}", i);
  }
  if (options.coordinates != Coordinates::tf_crop_and_resize) return axes;
  TRY(const std::vector<std::size_t> resized, resized_axes(c.node, axes.size()));
  const std::vector<float> roi = c.has(1) ? c.in(1).to_floats() : std::vector<float>();
  if (roi.size() != 2 * resized.size()) return invalid("roi has {} elements, expected {}", roi.size(), 2 * resized.size());
  for (std::size_t i = 0; i < resized.size(); ++i) {
    axes[resized[i]].roi_begin = roi[i];
    axes[resized[i]].roi_end = roi[resized.size() + i];
  }
  return axes;
}

// One axis resampled: x (outer, in, inner) -> y (outer, out, inner).
template <class A>
static std::vector<A> resample(const std::vector<A>& x, std::int64_t outer, std::int64_t inner, const ResizeAxis& axis,
                               const std::vector<std::vector<ResizeTap>>& taps) {
  std::vector<A> y(static_cast<std::size_t>(outer * axis.out * inner), A(0));
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < axis.out; ++i)
      for (const ResizeTap& t : taps[static_cast<std::size_t>(i)])
        for (std::int64_t k = 0; k < inner; ++k)
          y[static_cast<std::size_t>((o * axis.out + i) * inner + k)] +=
              A(t.weight) * x[static_cast<std::size_t>((o * axis.in + t.index) * inner + k)];
  return y;
}

// In float; in double what float cannot hold.
template <class A>
static void interpolate(const Tensor& x, Tensor& y, const ResizeOptions& options, const std::vector<ResizeAxis>& axes) {
  std::vector<A> values(static_cast<std::size_t>(x.count()));
  read_elements(x, 0, 1, x.count(), values.data());
  Dims dims = x.dims();
  for (std::size_t a = 0; a < axes.size(); ++a) {
    if (axes[a].in == axes[a].out && axes[a].scale == 1 && options.coordinates != Coordinates::tf_crop_and_resize) continue;
    const std::int64_t outer = count_of(std::span(dims).first(a)), inner = count_of(std::span(dims).subspan(a + 1));
    values = resample(values, outer, inner, axes[a], resize_taps(options, axes[a]));
    dims[a] = axes[a].out;
  }
  if (is_integer(x.dtype()) && bits(x.dtype()) <= 32) {  // cubic overshoots
    const double span = std::ldexp(1.0, bits(x.dtype())), low = is_signed(x.dtype()) ? -span / 2 : 0;
    for (A& v : values) v = static_cast<A>(std::fmax(low, std::fmin(low + span - 1, static_cast<double>(v))));
  }
  write_elements(y, 0, y.count(), values.data());
}

static Status gather_nearest(OpCall& c, const Dims& dims, const ResizeOptions& options, const std::vector<ResizeAxis>& axes) {
  const Tensor& x = c.in(0);
  // offsets[axis][i]: where output index i begins in x.
  std::vector<std::vector<std::int64_t>> offsets;
  const Dims strides = strides_of(x.dims());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    offsets.emplace_back();
    for (const auto& taps : resize_taps(options, axes[a])) offsets.back().push_back(taps[0].index * strides[a]);
  }
  Mover y(c, 0, x.dtype(), dims);
  const bool words = bits(x.dtype()) == 32;
  if (offsets.empty()) offsets.push_back({0});
  std::int64_t to = 0;
  each_index(Dims(dims.begin(), dims.empty() ? dims.end() : dims.end() - 1), [&](const Dims& row) {
    std::int64_t from = 0;
    for (std::size_t a = 0; a < row.size(); ++a) from += offsets[a][static_cast<std::size_t>(row[a])];
    if (words)
      for (const std::int64_t at : offsets.back()) std::memcpy(c.out(0).writable() + 4 * to++, x.bytes().data() + 4 * (from + at), 4);
    else
      for (const std::int64_t at : offsets.back()) y.copy(x, from + at, to++);
  });
  return y.finish();
}

// tf_crop_and_resize: whatever lies beyond the input on any axis is a constant.
static void extrapolate(Tensor& y, const ResizeOptions& options, const std::vector<ResizeAxis>& axes) {
  if (options.coordinates != Coordinates::tf_crop_and_resize) return;
  for (std::int64_t i = 0; i < y.count(); ++i) {
    bool outside = false;
    std::int64_t rest = i;
    for (std::size_t a = axes.size(); a-- > 0; rest /= axes[a].out) outside = outside || axes[a].outside(options, rest % axes[a].out);
    if (outside) store(y, i, static_cast<double>(options.extrapolation));
  }
}

static Status run(OpCall& c) {
  TRY(const ResizeOptions options, resize_options(c.node));
  TRY(const std::vector<ResizeAxis> axes, axes_of(c, options));
  const Tensor& x = c.in(0);
  Dims dims;
  for (const ResizeAxis& a : axes) dims.push_back(a.out);
  CHECK_OK(element_count(dims));
  const bool numeric = is_float(x.dtype()) || is_integer(x.dtype()) || x.dtype() == DType::boolean;
  if (!numeric && (options.mode != ResizeMode::nearest || options.coordinates == Coordinates::tf_crop_and_resize))
    return invalid("elements of type {} are chosen (mode nearest), not computed", name(x.dtype()));
  if (options.mode == ResizeMode::nearest) {
    CHECK_OK(gather_nearest(c, dims, options, axes));
    extrapolate(c.out(0), options, axes);
    return Ok{};
  }
  Tensor& y = c.make(0, x.dtype(), dims);
  const bool wide = x.dtype() == DType::f64 || (is_integer(x.dtype()) && bits(x.dtype()) > 16);
  wide ? interpolate<double>(x, y, options, axes) : interpolate<float>(x, y, options, axes);
  extrapolate(y, options, axes);
  return Ok{};
}

static const Tensor* fixed(const Graph& g, const Value& v) {
  if (v.producer) return v.producer->is("Constant") ? v.producer->find<Tensor>("value") : nullptr;
  return v.constant && std::ranges::find(g.inputs, &v) == g.inputs.end() ? &*v.constant : nullptr;
}

// Opset 10 had scales as input 1, and sampled at x / scale; the nearest was the next lower place where it enlarges, the next higher
// where it shrinks. From 11 to 13 roi and scales could be empty but not absent.
//   y = Resize (x, scales)   =>   small = Resize <nearest_mode = "ceil"> (x, , Min (scales, 1))
//                                 y = Resize <nearest_mode = "floor"> (small, , Max (scales, 1))
static Status upgrade(Graph& g, Node& n, int opset) {
  if (opset >= 11) return Ok{};
  Value* scales = n.input(1);
  if (!scales) return invalid("scales is missing");
  g.set_input(&n, 2, scales);
  g.set_input(&n, 1, nullptr);
  n.attributes.insert_or_assign("coordinate_transformation_mode", std::string("asymmetric"));
  n.attributes.insert_or_assign("nearest_mode", std::string("floor"));
  if (opset < 10 || n.text("mode", "nearest") != "nearest") return Ok{};  // Upsample never shrinks
  bool shrinks = true, enlarges = true;
  if (const Tensor* known = fixed(g, *scales); known && known->dtype() == DType::f32) {
    const std::vector<float> each = known->to_floats();
    shrinks = std::ranges::any_of(each, [](float s) { return s < 1; });
    enlarges = std::ranges::any_of(each, [](float s) { return s > 1; });
  }
  if (!shrinks) return Ok{};
  if (!enlarges) {
    n.attributes.insert_or_assign("nearest_mode", std::string("ceil"));
    return Ok{};
  }
  Value* one = g.constant("one", Tensor::scalar(1.0f));
  Value *down = g.value(scales->name + "_down"), *up = g.value(scales->name + "_up"), *small = g.value(n.input(0)->name + "_small");
  add_before(g, n, "Min", {scales, one}, down);
  add_before(g, n, "Max", {scales, one}, up);
  Node* first = add_before(g, n, "Resize", {n.input(0), nullptr, down}, small);
  first->attributes.emplace("coordinate_transformation_mode", std::string("asymmetric"));
  first->attributes.emplace("nearest_mode", std::string("ceil"));
  g.set_input(&n, 0, small);
  g.set_input(&n, 2, up);
  return Ok{};
}
extern const Op resize_op{.name = "Resize",
                          .since = 13,
                          .inputs = "X: T1, roi?: T2, scales?: T3, sizes?: T4",
                          .outputs = "Y: T1",
                          .attributes =
                              "antialias: int = 0, axes: ints, coordinate_transformation_mode: string = half_pixel, "
                              "cubic_coeff_a: float = -0.75, exclude_outside: int = 0, extrapolation_value: float = 0, "
                              "keep_aspect_ratio_policy: string = stretch, mode: string = nearest, "
                              "nearest_mode: string = round_prefer_floor",
                          .types = "T1: all; T2: floats; T3: float; T4: int64",
                          .infer = infer,
                          .reference = run,
                          .upgrade = upgrade};

}  // namespace hone
