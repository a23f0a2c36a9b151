// SPDX-License-Identifier: Apache-2.0
// The standard QuantizeLinear for a tensor or an axis, which had 16 and 4 bit types before the standard did.
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Fact y, Inner(c.node, "QuantizeLinear").infer({&c.in(0), &c.in(1), c.has(2) ? &c.in(2) : nullptr}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(Tensor y, Inner(c.node, "QuantizeLinear").run({&c.in(0), &c.in(1), c.find(2)}));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op ms_quantizelinear_op{.name = "QuantizeLinear",
                                     .domain = "com.microsoft",
                                     .inputs = "x: T1, y_scale: T1, y_zero_point?: T2",
                                     .outputs = "y: T2",
                                     .attributes = "axis: int = 1",
                                     .types = "T1: float16 float; T2: int8 uint8 int16 uint16 int4 uint4",
                                     .infer = infer,
                                     .reference = run};

}  // namespace hone
