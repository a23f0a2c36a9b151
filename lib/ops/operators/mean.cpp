// SPDX-License-Identifier: Apache-2.0
// The mean of all inputs, with broadcasting.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  CHECK_OK(fold_elements(c, Floats{}, [](auto a, auto b) { return a + b; }));
  if (c.inputs() == 1) return Ok{};
  const auto n = static_cast<float>(c.inputs());
  return map_tensor(c.out(0), c.out(0), map_loops<void>(Floats{}, [=](auto sum) { return sum / n; }), false);
}
extern const Op mean_op{.name = "Mean",
                        .since = 8,
                        .inputs = "inputs...: T",
                        .outputs = "Y: T",
                        .types = "T: floats",
                        .infer = infer_broadcast,
                        .reference = run};

}  // namespace hone
