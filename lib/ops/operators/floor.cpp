// SPDX-License-Identifier: Apache-2.0
// y = floor(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::floor(x); });
}
extern const Op floor_op{
    .name = "Floor", .since = 6, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
