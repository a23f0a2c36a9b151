// SPDX-License-Identifier: Apache-2.0
// y = erf(x); of integers, which opsets 9 to 12 allow, without its fraction
#include "lib/ops/elementwise.h"
#include "lib/ops/saturate.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Numbers{}, [](auto x) { return to<decltype(x)>(std::erf(x)); });
}
extern const Op erf_op{
    .name = "Erf", .since = 9, .inputs = "X: T", .outputs = "Y: T", .types = "T: numeric", .infer = infer_same, .reference = run};

}  // namespace hone
