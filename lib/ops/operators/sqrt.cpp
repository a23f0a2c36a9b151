// SPDX-License-Identifier: Apache-2.0
// y = sqrt(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::sqrt(x); });
}
extern const Op sqrt_op{
    .name = "Sqrt", .since = 6, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
