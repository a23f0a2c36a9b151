// SPDX-License-Identifier: Apache-2.0
// y = atanh(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::atanh(x); });
}
extern const Op atanh_op{
    .name = "Atanh", .since = 9, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
