// SPDX-License-Identifier: Apache-2.0
// y = (x - zero point) * x_scale; scales for the tensor, an axis, or blocks.
#include "lib/ops/quantize.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 2));
  CHECK_OK(infer_scales(c));
  const auto wanted = static_cast<DType>(c.node.integer("output_dtype"));
  if (wanted != DType::undefined && wanted != DType::f32 && wanted != DType::f16 && wanted != DType::bf16)
    return invalid("output_dtype is {}, expected float, float16 or bfloat16", c.node.integer("output_dtype"));
  if (wanted == DType::undefined && c.dtype(1) == DType::f8e8m0) return invalid("a scale of {} needs output_dtype", name(DType::f8e8m0));
  c.set(0, wanted == DType::undefined ? c.dtype(1) : wanted, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const ScaleIndex index, ScaleIndex::of(x.dims(), c.in(1).dims(), c.node.integer("axis", 1), c.node.integer("block_size")));
  const std::vector<float> scale = c.in(1).to_floats(), zero = c.has(2) ? c.in(2).to_floats() : std::vector<float>(scale.size(), 0.0f);
  WriteAs<float> out(*y);
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const auto k = static_cast<std::size_t>(index(i));
    out[i] = (static_cast<float>(element(x, i)) - zero[k]) * scale[k];
  }
  return Ok{};
}
extern const Op dequantizelinear_op{.name = "DequantizeLinear",
                                    .since = 13,
                                    .inputs = "x: T1, x_scale: T2, x_zero_point?: T1",
                                    .outputs = "y: T3",
                                    .attributes = "axis: int = 1, block_size: int = 0, output_dtype: int = 0",
                                    .types =
                                        "T1: int8 uint8 int16 uint16 int32 int4 uint4 int2 uint2 float8 float4e2m1; "
                                        "T2: float float16 bfloat16 float8e8m0; T3: float float16 bfloat16",
                                    .infer = infer,
                                    .reference = run};

}  // namespace hone
