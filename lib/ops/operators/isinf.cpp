// SPDX-License-Identifier: Apache-2.0
// Y is true where X is infinite, of the signs asked for.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const bool positive = c.node.integer("detect_positive", 1) != 0, negative = c.node.integer("detect_negative", 1) != 0;
  return test_elements(c, Floats{}, [=](auto x) { return std::isinf(x) && (x > 0 ? positive : negative); });
}
extern const Op isinf_op{.name = "IsInf",
                         .since = 10,
                         .inputs = "X: T",
                         .outputs = "Y: B",
                         .attributes = "detect_negative: int = 1, detect_positive: int = 1",
                         .types = "T: floats float8; B: bool",
                         .infer = infer_test,
                         .reference = run};

}  // namespace hone
