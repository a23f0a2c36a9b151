// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/channels_last.h"

#include <cmath>

#include "lib/ops/rule.h"

namespace hone {
namespace {

constexpr std::int64_t limit = INT32_MAX;  // of every number here, so that products cannot overflow

Result<std::int64_t> attribute(const Node& node, std::string_view name, std::size_t i, std::size_t count, std::int64_t low, std::int64_t otherwise) {
  const std::vector<std::int64_t> values = node.integers(name);
  if (values.empty()) return otherwise;
  if (values.size() != count) return invalid("{} has {} values, expected {}", name, values.size(), count);
  if (values[i] < low || values[i] > limit) return invalid("{} has the value {}", name, values[i]);
  return values[i];
}

}  // namespace

Result<WindowAxis> window_axis(const Node& node, std::size_t axis, std::size_t axes, std::int64_t kernel, std::int64_t in) {
  WindowAxis w;
  if (kernel < 1 || kernel > limit || in < 0 || in > limit) return invalid("a window of {} over {} elements", kernel, in);
  w.kernel = kernel;
  w.in = in;
  TRY(w.stride, attribute(node, "strides", axis, axes, 1, 1));
  TRY(w.dilation, attribute(node, "dilations", axis, axes, 1, 1));
  const std::int64_t extent = (kernel - 1) * w.dilation + 1;
  const std::string_view mode = node.text("auto_pad", "NOTSET");
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    w.out = (in + w.stride - 1) / w.stride;
    const std::int64_t total = std::max<std::int64_t>(0, (w.out - 1) * w.stride + extent - in);
    w.pad_begin = mode == "SAME_UPPER" ? total / 2 : (total + 1) / 2;
    w.pad_end = total - w.pad_begin;
    return w;
  }
  if (mode == "NOTSET") {
    TRY(w.pad_begin, attribute(node, "pads", axis, 2 * axes, 0, 0));
    TRY(w.pad_end, attribute(node, "pads", axis + axes, 2 * axes, 0, 0));
  } else if (mode != "VALID") {
    return invalid("auto_pad '{}' does not exist", mode);
  }
  const std::int64_t room = in + w.pad_begin + w.pad_end - extent;
  if (room < 0) return invalid("a window of {} does not fit {} elements", extent, in + w.pad_begin + w.pad_end);
  w.out = room / w.stride + 1;
  // Rounded up, the last window must still begin within the image or the padding before it.
  if (node.integer("ceil_mode") != 0 && room % w.stride != 0 && w.out * w.stride < in + w.pad_begin) ++w.out;
  return w;
}

Result<Shape> window_shape(const Node& node, const Shape& x, std::span<const std::int64_t> kernel, const Dim& channels) {
  std::vector<Dim> dims{x.dims[0]};
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const Dim& in = x.dims[i + 1];
    // A window that keeps any size keeps an unknown one too.
    TRY(const WindowAxis w, window_axis(node, i, kernel.size(), kernel[i], in.known() ? in.value : limit));
    if (in.known()) dims.emplace_back(w.out);
    else dims.push_back(w.out == limit && w.stride == 1 ? in : Dim());
  }
  dims.push_back(channels);
  return Shape(std::move(dims));
}

Status infer_channels_last_conv(InferCall& c, std::span<const std::size_t> vectors) {
  const Shape &x = c.shape(0), &w = c.shape(1);
  c.set(0, c.dtype(0), Shape());
  if (!x.ranked || !w.known()) return Ok{};
  const std::size_t rank = x.rank();
  if ((rank != 3 && rank != 4) || w.rank() != rank) return invalid("input {} and weight {} are no channels-last convolution", to_string(x), to_string(w));
  const std::int64_t group = c.node.integer("group", 1), oc = w.dims[0].value;
  const Dim& ic = x.dims.back();
  const bool fits = group > 0 && group <= limit && w.dims.back().value <= limit && oc % group == 0 && (!ic.known() || ic.value == w.dims.back().value * group);
  if (!fits) return invalid("{} channels and weight {} do not go with group {}", to_string(Shape{ic}), to_string(w), group);
  for (const std::size_t i : vectors)
    if (c.has(i) && c.shape(i) != Shape{oc}) return invalid("input {} has shape {}, expected {}", i, to_string(c.shape(i)), oc);
  std::vector<std::int64_t> kernel;
  for (std::size_t i = 1; i + 1 < rank; ++i) kernel.push_back(w.dims[i].value);
  TRY(Shape y, window_shape(c.node, x, kernel, oc));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

Status infer_channels_last_pool(InferCall& c) {
  const Shape& x = c.shape(0);
  c.set(0, c.dtype(0), Shape());
  if (!x.ranked) return Ok{};
  if (x.rank() != 3 && x.rank() != 4) return invalid("input {} is no channels-last image", to_string(x));
  const std::vector<std::int64_t> kernel = c.node.integers("kernel_shape");
  if (kernel.empty()) {
    std::vector<Dim> dims(x.rank(), Dim(1));
    dims.front() = x.dims.front();
    dims.back() = x.dims.back();
    c.set(0, c.dtype(0), Shape(std::move(dims)));
    return Ok{};
  }
  if (kernel.size() + 2 != x.rank()) return invalid("kernel_shape has {} values, expected {}", kernel.size(), x.rank() - 2);
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    TRY(const WindowAxis w, window_axis(c.node, i, kernel.size(), kernel[i], x.dims[i + 1].known() ? x.dims[i + 1].value : limit));
    if (w.pad_begin >= kernel[i] || w.pad_end >= kernel[i] || w.dilation != 1) return invalid("a window may lie outside the image");
  }
  TRY(Shape y, window_shape(c.node, x, kernel, x.dims.back()));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

Status check_quant_attributes(const Node& node) {
  const std::int64_t low = node.integer("low", 0), high = node.integer("high", 255);
  for (const std::int64_t v : {node.integer("x_zero"), node.integer("a_zero"), node.integer("b_zero"), node.integer("y_zero"), low, high})
    if (v < 0 || v > 255) return invalid("{} is no uint8 value", v);
  if (low > high) return invalid("low {} is above high {}", low, high);
  return Ok{};
}

Status infer_quant_binary(InferCall& c) {
  CHECK_OK(check_quant_attributes(c.node));
  for (const float m : {c.node.number("a_multiplier"), c.node.number("b_multiplier")})
    if (!std::isfinite(m)) return invalid("a multiplier is {}", m);
  return infer_broadcast(c);
}

}  // namespace hone
