// SPDX-License-Identifier: Apache-2.0
// Gelu approximated by tanh, of X + bias.
#include "lib/ops/host/_biased.h"

namespace hone {

static Status run(OpCall& c) {
  return map_biased(c, [](auto x) {
    using T = decltype(x);
    return T(0.5) * x * (1 + std::tanh(x * (T(0.79788456080286535588) + T(0.035677408136300125) * x * x)));  // sqrt(2 / pi), times 0.044715
  });
}
extern const Op fastgelu_op{.name = "FastGelu",
                            .domain = "com.microsoft",
                            .inputs = "X: T, bias?: T",
                            .outputs = "Y: T",
                            .types = "T: floats",
                            .infer = infer_biased,
                            .reference = run};

}  // namespace hone
