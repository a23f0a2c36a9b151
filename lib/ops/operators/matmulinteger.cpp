// SPDX-License-Identifier: Apache-2.0
// Matrix product of 8-bit integers less their zero points (one, one for each row of A, or one for each column of B), in int32.
#include "lib/ops/matmul.h"
#include "lib/ops/quantize.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Shape y, matmul_shape(c.shape(0), c.shape(1)));
  c.set(0, DType::i32, std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor &a = c.in(0), &b = c.in(1);
  TRY(const auto left, centered(a, c.find(2), std::max<std::size_t>(a.rank(), 2) - 2));
  TRY(const auto right, centered(b, c.find(3), b.rank() - 1));
  std::int32_t* out = y->data<std::int32_t>();
  std::fill_n(out, y->count(), 0);
  matmul(a.dims(), b.dims(), left.data(), right.data(), out);
  return Ok{};
}
extern const Op matmulinteger_op{.name = "MatMulInteger",
                                 .since = 10,
                                 .inputs = "A: T1, B: T2, a_zero_point?: T1, b_zero_point?: T2",
                                 .outputs = "Y: T3",
                                 .types = "T1: int8 uint8; T2: int8 uint8; T3: int32",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
