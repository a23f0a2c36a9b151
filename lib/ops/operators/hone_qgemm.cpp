// SPDX-License-Identifier: Apache-2.0
// y = requantize((a - x_zero) (..., m, k) * b (k, n) + bias (n), multiplier (n)) over uint8. Only plans contain it.
#include "lib/ops/channels_last.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(check_quant_attributes(c.node));
  c.set(0, DType::u8, Shape());
  CHECK_OK(expect_rank(c, 1, 2, "B"));
  const Shape &a = c.shape(0), &b = c.shape(1);
  if (!a.ranked || !b.known()) return Ok{};
  if (a.rank() < 2) return invalid("A has shape {}, expected a matrix", to_string(a));
  if (!unify(a.dims.back(), b.dims[0])) return invalid("A is {} and B is {}", to_string(a), to_string(b));
  for (const std::size_t i : {2, 3})
    if (c.has(i) && c.shape(i) != Shape{b.dims[1]}) return invalid("input {} has shape {}, expected {}", i, to_string(c.shape(i)), b.dims[1].value);
  Shape y = a;
  y.dims.back() = b.dims[1];
  c.set(0, DType::u8, std::move(y));
  return Ok{};
}
extern const Op hone_qgemm_op{
    .name = "QGemm", .domain = "hone", .inputs = "A: uint8, B: int8, M: float, C?: int32", .outputs = "Y: uint8",
    .attributes = "high: int, low: int, x_zero: int, y_zero: int", .infer = infer};

}  // namespace hone
