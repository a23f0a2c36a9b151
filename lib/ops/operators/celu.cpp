// SPDX-License-Identifier: Apache-2.0
// y = x where x >= 0, else alpha * (exp(x / alpha) - 1)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1);
  return map_elements(c, Floats{}, [=](auto x) { return x < 0 ? decltype(x)(alpha) * std::expm1(x / decltype(x)(alpha)) : x; });
}
extern const Op celu_op{.name = "Celu",
                        .since = 12,
                        .inputs = "X: T",
                        .outputs = "Y: T",
                        .attributes = "alpha: float = 1",
                        .types = "T: floats",
                        .infer = infer_same,
                        .reference = run};

}  // namespace hone
