// SPDX-License-Identifier: Apache-2.0
// y = sin(x)
#include "lib/ops/elementwise.h"
#include "lib/ops/trigonometry.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return trigonometry::sin(x); });
}
extern const Op sin_op{
    .name = "Sin", .since = 7, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
