// SPDX-License-Identifier: Apache-2.0
// -1, 0 or 1; NaN stays NaN
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Numbers{}, [](auto x) {
    using T = decltype(x);
    return x > 0 ? T(1) : x < 0 ? T(-1) : x;
  });
}
extern const Op sign_op{
    .name = "Sign", .since = 9, .inputs = "X: T", .outputs = "Y: T", .types = "T: numeric", .infer = infer_same, .reference = run};

}  // namespace hone
