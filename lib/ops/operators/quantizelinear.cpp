// SPDX-License-Identifier: Apache-2.0
// y = x / y_scale rounded half to even, plus the zero point, clamped to y's type; scales for the tensor, an axis, or blocks.
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/quantize.h"
#include "lib/ops/wide.h"

namespace hone {

static DType output_dtype(DType zero_point, const Node& node) {
  if (zero_point != DType::undefined) return zero_point;
  const auto wanted = static_cast<DType>(node.integer("output_dtype"));
  return wanted == DType::undefined ? DType::u8 : wanted;
}

static Status infer(InferCall& c) {
  CHECK_OK(infer_scales(c));
  const DType dtype = output_dtype(c.dtype(2), c.node);
  if (c.has(2) && c.dtype(2) == DType::undefined) {
    c.set(0, DType::undefined, c.shape(0));
    return Ok{};
  }
  if (bits(dtype) == 0 || bits(dtype) > 16 || dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::boolean)
    return invalid("output_dtype is {}, expected an integer or 8-bit float of at most 16 bits", name(dtype));
  c.set(0, dtype, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor& x = c.in(0);
  const DType dtype = output_dtype(c.has(2) ? c.in(2).dtype() : DType::undefined, c.node);
  TRY(const ScaleIndex index, ScaleIndex::of(x.dims(), c.in(1).dims(), c.node.integer("axis", 1), c.node.integer("block_size")));
  const std::vector<float> scale = c.in(1).to_floats(), zero = c.has(2) ? c.in(2).to_floats() : std::vector<float>(scale.size(), 0.0f);
  const ReadAs<float> values(x);
  Tensor scaled = Tensor::allocate(DType::f32, x.dims());
  float* out = scaled.data<float>();
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const auto k = static_cast<std::size_t>(index(i));
    out[i] = values[i] / scale[k];
    if (is_float(dtype)) continue;  // converting rounds; the zero point of a float type is zero
    const Range range = range_of(dtype);
    const float rounded = std::nearbyint(out[i]) + zero[k];
    out[i] = std::isnan(rounded) ? 0 : static_cast<float>(std::fmax(range.low, std::fmin(range.high, static_cast<double>(rounded))));
  }
  TRY(Tensor y, convert(scaled, dtype, c.node.integer("saturate", 1) != 0));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op quantizelinear_op{
    .name = "QuantizeLinear",
    .since = 13,
    .inputs = "x: T1, y_scale: T2, y_zero_point?: T3",
    .outputs = "y: T3",
    .attributes = "axis: int = 1, block_size: int = 0, output_dtype: int = 0, precision: int = 0, saturate: int = 1",
    .types =
        "T1: float float16 bfloat16 int32; T2: float float16 bfloat16 int32; "
        "T3: int8 uint8 int16 uint16 int4 uint4 int2 uint2 float8 float4e2m1",
    .infer = infer,
    .reference = run};

}  // namespace hone
