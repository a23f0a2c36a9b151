// SPDX-License-Identifier: Apache-2.0
// C = A and B, with broadcasting
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return zip_elements<bool>(c, Types<bool>{}, [](auto a, auto b) { return a && b; });
}
extern const Op and_op{.name = "And",
                       .since = 7,
                       .inputs = "A: T, B: T",
                       .outputs = "C: B",
                       .types = "T: bool; B: bool",
                       .infer = infer_comparison,
                       .reference = run};

}  // namespace hone
