// SPDX-License-Identifier: Apache-2.0
// C = (A - A_zero_point) * (B - B_zero_point) in int32, with broadcasting.
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 2));
  CHECK_OK(expect_scalars(c, {1, 3}));
  TRY(Shape shape, broadcast(c.shape(0), c.shape(2)));
  c.set(0, DType::i32, std::move(shape));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const auto a, centered(c.in(0), c.find(1), 0));
  TRY(const auto b, centered(c.in(2), c.find(3), 0));
  for (Rows rows(y->dims(), {&c.in(0).dims(), &c.in(2).dims()}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i)
      y->data<std::int32_t>()[rows.begin + i] =
          a[static_cast<std::size_t>(rows.at[0] + i * rows.step[0])] * b[static_cast<std::size_t>(rows.at[1] + i * rows.step[1])];
  return Ok{};
}
extern const Op mulinteger_op{.name = "MulInteger",
                              .domain = "com.microsoft",
                              .inputs = "A: T, A_zero_point?: T, B: T, B_zero_point?: T",
                              .outputs = "C: int32",
                              .types = "T: int8 uint8",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
