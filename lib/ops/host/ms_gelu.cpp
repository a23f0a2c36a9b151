// SPDX-License-Identifier: Apache-2.0
// Y = x * P(N <= x), N standard normal: the standard Gelu without its approximation.
#include "lib/ops/host/_biased.h"

namespace hone {

static Status run(OpCall& c) {
  return map_biased(c, [](auto x) { return exact_gelu(x); });
}
extern const Op ms_gelu_op{.name = "Gelu",
                           .domain = "com.microsoft",
                           .inputs = "X: T",
                           .outputs = "Y: T",
                           .types = "T: floats",
                           .infer = infer_biased,
                           .reference = run};

}  // namespace hone
