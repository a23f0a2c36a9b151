// SPDX-License-Identifier: Apache-2.0
// y = sinh(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::sinh(x); });
}
extern const Op sinh_op{
    .name = "Sinh", .since = 9, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
