// SPDX-License-Identifier: Apache-2.0
// y = x where x >= 0, else alpha * (exp(x) - 1)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1);
  return map_elements(c, Floats{}, [=](auto x) { return x < 0 ? decltype(x)(alpha) * std::expm1(x) : x; });
}
extern const Op elu_op{.name = "Elu",
                       .since = 6,
                       .inputs = "X: T",
                       .outputs = "Y: T",
                       .attributes = "alpha: float = 1",
                       .types = "T: floats",
                       .infer = infer_same,
                       .reference = run};

}  // namespace hone
