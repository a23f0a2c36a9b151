// SPDX-License-Identifier: Apache-2.0
// Z = X where the condition holds, else Y, each requantized from its own scale and zero point to those of Z.
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 1, 4));
  CHECK_OK(expect_scalars(c, {2, 3, 5, 6, 7, 8}));
  TRY(const Shape values, broadcast(c.shape(1), c.shape(4)));
  TRY(Shape shape, broadcast(c.shape(0), values));
  c.set(0, c.dtype(1), std::move(shape));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const z, make_by_rule(c));
  const Grid px = grid_of(c, 2, 3), py = grid_of(c, 5, 6), pz = grid_of(c, 7, 8);
  const bool* condition = c.in(0).data<bool>();
  const ReadAs<float> x(c.in(1)), y(c.in(4));
  WriteAs<float> out(*z);
  const Range range = range_of(z->dtype());
  // What already has the output's parameters is copied, not rounded again.
  const auto converted = [&](float q, const Grid& from) {
    return from.scale == pz.scale && from.zero == pz.zero ? q : pz.quantized(from.real(q), range);
  };
  for (Rows rows(z->dims(), {&c.in(0).dims(), &c.in(1).dims(), &c.in(4).dims()}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i) {
      const auto at = [&](std::size_t k) { return rows.at[k] + i * rows.step[k]; };
      out[rows.begin + i] = condition[at(0)] ? converted(x[at(1)], px) : converted(y[at(2)], py);
    }
  return Ok{};
}
extern const Op qlinearwhere_op{
    .name = "QLinearWhere",
    .domain = "com.microsoft",
    .inputs = "condition: B, X: T, x_scale: S, x_zero_point: T, Y: T, y_scale: S, y_zero_point: T, z_scale: S, z_zero_point: T",
    .outputs = "Z: T",
    .types = "B: bool; T: int8 uint8; S: float",
    .infer = infer,
    .reference = run};

}  // namespace hone
