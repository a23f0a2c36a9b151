// SPDX-License-Identifier: Apache-2.0
// y = x where x >= 0, else alpha * x
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 0.01f);
  return map_elements(c, Floats{}, [=](auto x) { return x < 0 ? decltype(x)(alpha) * x : x; });
}
extern const Op leakyrelu_op{.name = "LeakyRelu",
                             .since = 6,
                             .inputs = "X: T",
                             .outputs = "Y: T",
                             .attributes = "alpha: float = 0.01",
                             .types = "T: floats",
                             .infer = infer_same,
                             .reference = run};

}  // namespace hone
