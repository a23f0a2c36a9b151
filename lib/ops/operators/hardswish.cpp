// SPDX-License-Identifier: Apache-2.0
// y = x * (x / 6 + 1/2 clamped to [0, 1])
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) {
    return x * std::fmax(decltype(x)(0), std::fmin(decltype(x)(1), x * decltype(x)(1.0f / 6) + decltype(x)(0.5)));
  });
}
extern const Op hardswish_op{
    .name = "HardSwish", .since = 14, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
