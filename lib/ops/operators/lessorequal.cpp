// SPDX-License-Identifier: Apache-2.0
// C = A <= B, with broadcasting
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return zip_elements<bool>(c, Numbers{}, [](auto a, auto b) { return a <= b; });
}
extern const Op lessorequal_op{.name = "LessOrEqual",
                               .since = 12,
                               .inputs = "A: T, B: T",
                               .outputs = "C: B",
                               .types = "T: numeric; B: bool",
                               .infer = infer_comparison,
                               .reference = run};

}  // namespace hone
