// SPDX-License-Identifier: Apache-2.0
// Y is true where X is not a number.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return test_elements(c, Floats{}, [](auto x) { return std::isnan(x); });
}
extern const Op isnan_op{
    .name = "IsNaN", .since = 9, .inputs = "X: T", .outputs = "Y: B", .types = "T: floats float8; B: bool", .infer = infer_test, .reference = run};

}  // namespace hone
