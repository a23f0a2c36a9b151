// SPDX-License-Identifier: Apache-2.0
// y = alpha * x + beta, clamped to [0, 1]
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 0.2f), beta = c.node.number("beta", 0.5f);
  return map_elements(c, Floats{}, [=](auto x) {
    return std::fmax(decltype(x)(0), std::fmin(decltype(x)(1), decltype(x)(alpha) * x + decltype(x)(beta)));
  });
}
extern const Op hardsigmoid_op{.name = "HardSigmoid",
                               .since = 6,
                               .inputs = "X: T",
                               .outputs = "Y: T",
                               .attributes = "alpha: float = 0.2, beta: float = 0.5",
                               .types = "T: floats",
                               .infer = infer_same,
                               .reference = run};

}  // namespace hone
