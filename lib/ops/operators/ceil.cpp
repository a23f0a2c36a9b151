// SPDX-License-Identifier: Apache-2.0
// y = ceil(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::ceil(x); });
}
extern const Op ceil_op{
    .name = "Ceil", .since = 6, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
