// SPDX-License-Identifier: Apache-2.0
// Y = (A - a_zero_point) (B - b_zero_point) * (a_scale * b_scale) + bias: the integer product is exact. Scale and zero point of B:
// one, or one for each column.
#include "lib/ops/host/_quantized.h"
#include "lib/ops/matmul.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Shape y, matmul_shape(c.shape(0), c.shape(1)));
  CHECK_OK(expect_scalars(c, {2, 4}));
  for (const std::size_t i : {3, 5, 6}) CHECK_OK(expect_per_column(c, i, 1));
  c.set(0, c.dtype(2), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const auto acc, centered_product(c.in(0), c.find(4), c.in(1), c.find(5)));
  const std::int64_t n = c.in(1).rank() == 1 ? 1 : c.in(1).dims().back();
  const float a_scale = grid_of(c, 2, 4).scale;
  const std::vector<float> b_scale = c.in(3).to_floats(), bias = c.has(6) ? c.in(6).to_floats() : std::vector<float>{0};
  WriteAs<float> out(*y);
  for (std::int64_t i = 0; i < y->count(); ++i)
    out[i] = static_cast<float>(acc[static_cast<std::size_t>(i)]) * (a_scale * per_column(b_scale, i % n)) + per_column(bias, i % n);
  return Ok{};
}
extern const Op matmulintegertofloat_op{.name = "MatMulIntegerToFloat",
                                        .domain = "com.microsoft",
                                        .inputs = "A: T1, B: T2, a_scale: T3, b_scale: T3, a_zero_point?: T1, b_zero_point?: T2, bias?: T3",
                                        .outputs = "Y: T3",
                                        .types = "T1: int8 uint8; T2: int8 uint8; T3: float float16",
                                        .infer = infer,
                                        .reference = run};

}  // namespace hone
