// SPDX-License-Identifier: Apache-2.0
// y = x where x > alpha, else 0
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1);
  return map_elements(c, Floats{}, [=](auto x) { return x > decltype(x)(alpha) ? x : decltype(x)(0); });
}
extern const Op thresholdedrelu_op{.name = "ThresholdedRelu",
                                   .since = 10,
                                   .inputs = "X: T",
                                   .outputs = "Y: T",
                                   .attributes = "alpha: float = 1",
                                   .types = "T: floats",
                                   .infer = infer_same,
                                   .reference = run};

}  // namespace hone
