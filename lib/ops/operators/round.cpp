// SPDX-License-Identifier: Apache-2.0
// The nearest integer, halves to the even one.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::nearbyint(x); });
}
extern const Op round_op{
    .name = "Round", .since = 11, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
