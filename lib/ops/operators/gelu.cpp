// SPDX-License-Identifier: Apache-2.0
// y = x * P(N <= x), N standard normal: exact by erf, or the usual approximation by tanh.
#include <numbers>

#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  const std::string_view approximate = c.node.text("approximate", "none");
  if (approximate == "tanh")
    return map_elements(c, Floats{}, [](auto x) {
      using T = decltype(x);
      return T(0.5) * x * (1 + std::tanh(T(0.79788456080286535588) * (x + T(0.044715) * x * x * x)));  // sqrt(2 / pi)
    });
  if (approximate != "none") return invalid("approximate is '{}', expected none or tanh", approximate);
  return map_elements(c, Floats{}, [](auto x) {
    using T = decltype(x);
    return T(0.5) * x * (1 + std::erf(x / std::numbers::sqrt2_v<T>));
  });
}
extern const Op gelu_op{.name = "Gelu",
                        .since = 20,
                        .inputs = "X: T",
                        .outputs = "Y: T",
                        .attributes = "approximate: string = none",
                        .types = "T: floats",
                        .infer = infer_same,
                        .reference = run};

}  // namespace hone
