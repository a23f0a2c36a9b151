// SPDX-License-Identifier: Apache-2.0
// y = asinh(x)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::asinh(x); });
}
extern const Op asinh_op{
    .name = "Asinh", .since = 9, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
