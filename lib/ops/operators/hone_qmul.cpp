// SPDX-License-Identifier: Apache-2.0
// Mul over uint8 with broadcasting: (a - a_zero) * (b - b_zero) * a_multiplier, requantized as lib/kernels/params.h
// says. Only plans contain it.
#include <cmath>

#include "lib/ops/channels_last.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(check_quant_attributes(c.node));
  for (const float m : {c.node.number("a_multiplier"), c.node.number("b_multiplier")})
    if (!std::isfinite(m)) return invalid("a multiplier is {}", m);
  return infer_broadcast(c);
}
extern const Op hone_qmul_op{
    .name = "QMul", .domain = "hone", .inputs = "A: T, B: T", .outputs = "Y: T",
    .attributes = "a_multiplier: float, a_zero: int, b_multiplier: float, b_zero: int, high: int, low: int, y_zero: int",
    .types = "T: uint8", .infer = infer};

}  // namespace hone
