// SPDX-License-Identifier: Apache-2.0
// C = A & B, with broadcasting
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return zip_elements(c, Integers{}, [](auto a, auto b) { return a & b; });
}
extern const Op bitwiseand_op{.name = "BitwiseAnd",
                              .since = 18,
                              .inputs = "A: T, B: T",
                              .outputs = "C: T",
                              .types = "T: integers",
                              .infer = infer_broadcast,
                              .reference = run};

}  // namespace hone
