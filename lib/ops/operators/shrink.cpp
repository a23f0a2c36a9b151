// SPDX-License-Identifier: Apache-2.0
// y = x + bias where x < -lambd, x - bias where x > lambd, else 0
#include "lib/ops/elementwise.h"
#include "lib/ops/saturate.h"

namespace hone {

static Status run(OpCall& c) {
  const float bias = c.node.number("bias"), lambd = c.node.number("lambd", 0.5f);
  return map_elements(c, Numbers{}, [=](auto x) {
    using T = decltype(x);
    using W = std::conditional_t<std::is_floating_point_v<T>, T, double>;  // the bounds need not be whole for integers
    const W v = static_cast<W>(x);
    return to<T>(v < -W(lambd) ? v + W(bias) : v > W(lambd) ? v - W(bias) : W(0));
  });
}
extern const Op shrink_op{.name = "Shrink",
                          .since = 9,
                          .inputs = "input: T",
                          .outputs = "output: T",
                          .attributes = "bias: float = 0, lambd: float = 0.5",
                          .types = "T: numeric",
                          .infer = infer_same,
                          .reference = run};

}  // namespace hone
