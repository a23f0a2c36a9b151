// SPDX-License-Identifier: Apache-2.0
// y = |x|; the lowest signed integer stays itself, as two's complement has it.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Numbers{}, [](auto x) { return x > 0 ? x : wrapping(decltype(x)(0), x, [](auto a, auto b) { return a - b; }); });
}
extern const Op abs_op{
    .name = "Abs", .since = 6, .inputs = "X: T", .outputs = "Y: T", .types = "T: numeric", .infer = infer_same, .reference = run};

}  // namespace hone
