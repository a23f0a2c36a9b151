// SPDX-License-Identifier: Apache-2.0
// y = cos(x)
#include "lib/ops/elementwise.h"
#include "lib/ops/trigonometry.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return trigonometry::cos(x); });
}
extern const Op cos_op{
    .name = "Cos", .since = 7, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
