// SPDX-License-Identifier: Apache-2.0
// Windows over channels-last images, for the operators of domain "hone" that only plans contain: the shape rule and the
// kernels' parameters come from one place. Images are (n, w, c) or (n, h, w, c).
#pragma once
#include "lib/ops/op.h"

namespace hone {

// One spatial axis of a convolution or pool.
struct WindowAxis {
  std::int64_t kernel = 1, stride = 1, dilation = 1, pad_begin = 0, pad_end = 0;
  std::int64_t in = 1, out = 1;
};

// From the node's strides, dilations, pads, auto_pad and ceil_mode, for a window of `kernel` over an input of `in` elements; spatial
// axis `axis` of `axes`. Errors: attributes of a wrong length or range; a window larger than the padded input.
Result<WindowAxis> window_axis(const Node&, std::size_t axis, std::size_t axes, std::int64_t kernel, std::int64_t in);
// The output's shape: the batch of x, windowed spatial axes, and `channels`. `kernel`: one entry for each spatial axis.
Result<Shape> window_shape(const Node&, const Shape& x, std::span<const std::int64_t> kernel, const Dim& channels);

// Rule of hone.Conv and hone.QConv: x (n, [h,] w, c), weight (oc, [kh,] kw, c/group), and vectors of oc where present.
Status infer_channels_last_conv(InferCall&, std::span<const std::size_t> vectors);
// Rule of the channels-last pools: kernel_shape, or without it the whole image.
Status infer_channels_last_pool(InferCall&);
// Rule and attributes of hone.QAdd and hone.QMul.
inline constexpr std::string_view quant_binary_attributes =
    "a_multiplier: float, a_zero: int, b_multiplier: float, b_zero: int, high: int, low: int, y_zero: int";
Status infer_quant_binary(InferCall&);
// An error unless the attributes named (each 0 when absent, `high` 255) are uint8 values and low <= high.
Status check_quant_attributes(const Node&);

}  // namespace hone
