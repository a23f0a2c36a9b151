// SPDX-License-Identifier: Apache-2.0
// y = gamma * x where x > 0, else gamma * alpha * (exp(x) - 1)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1.67326319217681884765625f), gamma = c.node.number("gamma", 1.05070102214813232421875f);
  return map_elements(c, Floats{}, [=](auto x) { return decltype(x)(gamma) * (x > 0 ? x : decltype(x)(alpha) * std::expm1(x)); });
}
extern const Op selu_op{.name = "Selu",
                        .since = 6,
                        .inputs = "X: T",
                        .outputs = "Y: T",
                        .attributes = "alpha: float = 1.67326319, gamma: float = 1.05070102",
                        .types = "T: floats",
                        .infer = infer_same,
                        .reference = run};

}  // namespace hone
