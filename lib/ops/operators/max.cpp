// SPDX-License-Identifier: Apache-2.0
// Element by element the largest of all inputs, with broadcasting; NaN wins.
#include "lib/ir/dim_math.h"
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  if (c.inputs() != 2) return infer_broadcast(c);
  return infer_arithmetic(c, [](const Dim& a, const Dim& b) { return max(a, b); });
}

static Status run(OpCall& c) {
  return fold_elements(c, Numbers{}, [](auto a, auto b) { return b > a || b != b ? b : a; });
}
extern const Op max_op{.name = "Max",
                       .since = 8,
                       .inputs = "inputs...: T",
                       .outputs = "Y: T",
                       .types = "T: numeric",
                       .infer = infer,
                       .reference = run};

}  // namespace hone
