// SPDX-License-Identifier: Apache-2.0
// y = tanh(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::tanh(x); });
}
extern const Op tanh_op{
    .name = "Tanh", .since = 6, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
