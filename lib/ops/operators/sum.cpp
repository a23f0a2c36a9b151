// SPDX-License-Identifier: Apache-2.0
// The sum of all inputs, with broadcasting.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return fold_elements(c, Floats{}, [](auto a, auto b) { return a + b; });
}
extern const Op sum_op{.name = "Sum",
                       .since = 8,
                       .inputs = "inputs...: T",
                       .outputs = "Y: T",
                       .types = "T: floats",
                       .infer = infer_broadcast,
                       .reference = run};

}  // namespace hone
