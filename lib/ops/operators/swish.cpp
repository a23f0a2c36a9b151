// SPDX-License-Identifier: Apache-2.0
// y = x * sigmoid(alpha * x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1);
  return map_elements(c, Floats{}, [=](auto x) { return x / (1 + std::exp(-decltype(x)(alpha) * x)); });
}
extern const Op swish_op{.name = "Swish",
                         .since = 24,
                         .inputs = "X: T",
                         .outputs = "Y: T",
                         .attributes = "alpha: float = 1",
                         .types = "T: floats",
                         .infer = infer_same,
                         .reference = run};

}  // namespace hone
