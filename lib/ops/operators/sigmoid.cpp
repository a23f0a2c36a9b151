// SPDX-License-Identifier: Apache-2.0
// y = 1 / (1 + exp(-x))
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return 1 / (1 + std::exp(-x)); });
}
extern const Op sigmoid_op{
    .name = "Sigmoid", .since = 6, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
