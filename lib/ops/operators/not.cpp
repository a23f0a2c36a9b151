// SPDX-License-Identifier: Apache-2.0
// y = not x
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Types<bool>{}, [](bool x) { return !x; });
}
extern const Op not_op{
    .name = "Not", .since = 1, .inputs = "X: T", .outputs = "Y: T", .types = "T: bool", .infer = infer_same, .reference = run};

}  // namespace hone
