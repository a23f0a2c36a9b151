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

// x / scale in the precision that the attribute, or else the scale's type, asks for.
static double divide(double x, float scale, DType precision) {
  if (precision == DType::f16) return static_cast<double>(half_to_float(float_to_half(half_to_float(float_to_half(static_cast<float>(x))) / scale)));
  if (precision == DType::bf16)
    return static_cast<double>(bfloat_to_float(float_to_bfloat(bfloat_to_float(float_to_bfloat(static_cast<float>(x))) / scale)));
  if (precision == DType::f32) return static_cast<double>(static_cast<float>(x) / scale);
  return x / static_cast<double>(scale);
}

static DType precision_of(const Node& node, DType x, DType scale) {
  const auto wanted = static_cast<DType>(node.integer("precision"));
  if (wanted != DType::undefined) return wanted;
  if (x == DType::i32) return DType::f64;  // float would lose digits
  return scale == x && bits(scale) == 16 ? scale : DType::f32;
}

static Status infer(InferCall& c) {
  CHECK_OK(infer_scales(c));
  const DType dtype = output_dtype(c.dtype(2), c.node), precision = static_cast<DType>(c.node.integer("precision"));
  if (precision != DType::undefined && precision != DType::f32 && precision != DType::f16 && precision != DType::bf16 && precision != DType::f64)
    return invalid("precision is {}, expected a float type", c.node.integer("precision"));
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
  const DType precision = precision_of(c.node, x.dtype(), c.in(1).dtype());
  const Range range = is_float(dtype) ? Range{} : range_of(dtype);
  Tensor scaled = Tensor::allocate(DType::f64, x.dims());
  double* out = scaled.data<double>();
  read_elements(x, 0, 1, x.count(), out);
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const auto k = static_cast<std::size_t>(index(i));
    out[i] = divide(out[i], scale[k], precision);
    if (is_float(dtype)) {  // converting rounds; the zero point of an 8-bit float is zero
      if (dtype == DType::f4e2m1) out[i] += static_cast<double>(zero[k]);
      continue;
    }
    const double rounded = std::nearbyint(out[i]) + static_cast<double>(zero[k]);
    out[i] = std::isnan(rounded) ? 0 : std::fmax(range.low, std::fmin(range.high, rounded));
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
        "T1: float float16 bfloat16 int32; T2: float float16 bfloat16 int32 float8e8m0; "
        "T3: int8 uint8 int16 uint16 int4 uint4 int2 uint2 float8 float4e2m1",
    .infer = infer,
    .reference = run};

}  // namespace hone
