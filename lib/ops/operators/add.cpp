// SPDX-License-Identifier: Apache-2.0
// C = A + B with broadcasting; integers wrap.
#include "lib/ir/dim_math.h"
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  return infer_arithmetic(c, [](const Dim& a, const Dim& b) { return a + b; });
}

static Status run(OpCall& c) {
  return zip_elements(c, Numbers{}, [](auto a, auto b) { return wrapping(a, b, [](auto x, auto y) { return x + y; }); });
}
extern const Op add_op{
    .name = "Add", .since = 7, .inputs = "A: T, B: T", .outputs = "C: T", .types = "T: numeric", .infer = infer, .reference = run};

}  // namespace hone
