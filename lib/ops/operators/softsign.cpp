// SPDX-License-Identifier: Apache-2.0
// y = x / (1 + |x|)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return x / (1 + std::abs(x)); });
}
extern const Op softsign_op{
    .name = "Softsign", .since = 1, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
