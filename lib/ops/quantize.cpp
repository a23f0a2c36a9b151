// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/quantize.h"

#include <cmath>

namespace hone {

Result<ScaleIndex> ScaleIndex::of(const Dims& x, const Dims& scale, std::int64_t axis, std::int64_t block_size) {
  ScaleIndex index;
  if (block_size < 0) return invalid("block_size is {}, expected 0 or more", block_size);
  if (block_size == 0 && count_of(scale) == 1 && scale.size() <= 1) return index;
  TRY(const std::size_t a, normalize_axis(axis, x.size()));
  index.size_ = x[a];
  index.stride_ = count_of(std::span(x).subspan(a + 1));
  if (block_size == 0) {
    if (scale.size() != 1 || scale[0] != x[a])
      return invalid("the scale has shape {}, expected a scalar or {} elements (one for each index of axis {})", to_string(scale), x[a], a);
    index.blocks_ = x[a];
    return index;
  }
  Dims expected = x;
  expected[a] = (x[a] + block_size - 1) / block_size;
  if (scale != expected)
    return invalid("the scale has shape {}, expected {} (blocks of {} along axis {})", to_string(scale), to_string(expected), block_size,
                   a);
  index.block_ = block_size;
  index.blocks_ = expected[a];
  index.inner_ = index.stride_;
  index.outer_ = index.blocks_ * index.inner_;
  return index;
}

Status infer_scales(InferCall& c) {
  if (c.has(2) && c.shape(1).known() && c.shape(2).known() && c.shape(1) != c.shape(2) &&
      (*c.shape(1).concrete() != Dims{1} || c.shape(2).rank() != 0) && (*c.shape(2).concrete() != Dims{1} || c.shape(1).rank() != 0))
    return invalid("the zero point has shape {}, the scale {}", to_string(c.shape(2)), to_string(c.shape(1)));
  const auto x = c.shape(0).concrete(), scale = c.shape(1).concrete();
  if (x && scale) CHECK_OK(ScaleIndex::of(*x, *scale, c.node.integer("axis", 1), c.node.integer("block_size")));
  return Ok{};
}

Range range_of(DType dtype) {
  assert(is_integer(dtype) && bits(dtype) <= 32);
  const double span = std::ldexp(1.0, bits(dtype));
  return is_signed(dtype) ? Range{-span / 2, span / 2 - 1} : Range{0, span - 1};
}

double requantize(std::int32_t acc, float multiplier, double zero, Range range) {
  const float scaled = static_cast<float>(acc) * multiplier;
  return std::fmax(range.low, std::fmin(range.high, std::nearbyint(static_cast<double>(scaled)) + zero));
}

Result<std::vector<std::int32_t>> centered(const Tensor& t, const Tensor* zero, std::size_t axis) {
  const std::vector<double> values = t.to_doubles(), zeros = zero ? zero->to_doubles() : std::vector<double>{0};
  const std::int64_t stride = zeros.size() == 1 ? 1 : count_of(std::span(t.dims()).subspan(axis + 1));
  if (zeros.size() != 1 && (t.rank() <= axis || t.dims()[axis] != static_cast<std::int64_t>(zeros.size())))
    return invalid("the zero point has {} elements, which do not fit axis {} of shape {}", zeros.size(), axis, to_string(t.dims()));
  std::vector<std::int32_t> out(values.size() + 1);  // never empty: data() is not null
  for (std::size_t i = 0; i < values.size(); ++i)
    out[i] = static_cast<std::int32_t>(values[i] - zeros[i / static_cast<std::size_t>(std::max<std::int64_t>(stride, 1)) % zeros.size()]);
  return out;
}

}  // namespace hone
