// SPDX-License-Identifier: Apache-2.0
// y = erf(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::erf(x); });
}
extern const Op erf_op{
    .name = "Erf", .since = 9, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
