// SPDX-License-Identifier: Apache-2.0
// Y = X * sigmoid(alpha * X).
#include "lib/ops/host/_biased.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1.702f);
  return map_biased(c, [=](auto x) { return x / (1 + std::exp(-x * static_cast<decltype(x)>(alpha))); });
}
extern const Op quickgelu_op{.name = "QuickGelu",
                             .domain = "com.microsoft",
                             .inputs = "X: T",
                             .outputs = "Y: T",
                             .attributes = "alpha: float = 1.702",
                             .types = "T: floats",
                             .infer = infer_biased,
                             .reference = run};

}  // namespace hone
