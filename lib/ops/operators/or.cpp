// SPDX-License-Identifier: Apache-2.0
// C = A or B, with broadcasting
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return zip_elements<bool>(c, Types<bool>{}, [](auto a, auto b) { return a || b; });
}
extern const Op or_op{.name = "Or",
                      .since = 7,
                      .inputs = "A: T, B: T",
                      .outputs = "C: B",
                      .types = "T: bool; B: bool",
                      .infer = infer_comparison,
                      .reference = run};

}  // namespace hone
