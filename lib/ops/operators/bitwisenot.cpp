// SPDX-License-Identifier: Apache-2.0
// Every bit inverted.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Integers{}, [](auto x) { return static_cast<decltype(x)>(~x); });
}
extern const Op bitwisenot_op{
    .name = "BitwiseNot", .since = 18, .inputs = "X: T", .outputs = "Y: T", .types = "T: integers", .infer = infer_same, .reference = run};

}  // namespace hone
