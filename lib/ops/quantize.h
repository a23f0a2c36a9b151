// SPDX-License-Identifier: Apache-2.0
// Quantization: which scale an element has, requantization, and integers centred on their zero point.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

// Which scale and zero point an element of x has: one for all, one for each index of an axis, or one for each block along it.
class ScaleIndex {
 public:
  // An error when the scale's dims fit none of these. block_size 0: not given.
  static Result<ScaleIndex> of(const Dims& x, const Dims& scale, std::int64_t axis, std::int64_t block_size);
  // The scale of element i (by its position in row-major order).
  std::int64_t operator()(std::int64_t i) const {
    if (blocks_ == 0) return 0;
    return i / (size_ * stride_) * outer_ + i / stride_ % size_ / block_ * inner_ + (inner_ == 1 ? 0 : i % stride_);
  }

 private:
  // Along the axis: x has size_ indices stride_ elements apart, block_ of them to each of blocks_ scales (0: a single scale for all).
  // inner_: scales to each block, as the axes after it have (1 when there is one scale for each index of the axis).
  // outer_: scales to each index of the axes before it; 0 when those share the scales.
  std::int64_t size_ = 1, stride_ = 1, block_ = 1, blocks_ = 0, inner_ = 1, outer_ = 0;
};
// Rule: scale (input 1) and zero point (input 2, optional) fit input 0 by the attributes axis and block_size.
Status infer_scales(InferCall&);

struct Range {
  double low, high;
};
// REQUIRES: an integer type of up to 32 bits.
Range range_of(DType);

// float(acc) * multiplier, rounded half to even, plus zero, clamped: requantization as lib/exec has it, bit for bit.
double requantize(std::int32_t acc, float multiplier, double zero, Range);

// The elements of t less their zero points. `zero` is absent, or has one element, or one for each index of `axis`.
Result<std::vector<std::int32_t>> centered(const Tensor& t, const Tensor* zero, std::size_t axis);

}  // namespace hone
