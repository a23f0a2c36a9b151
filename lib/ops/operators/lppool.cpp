// SPDX-License-Identifier: Apache-2.0
// The p-norm of each window: (sum of |x|^p)^(1/p).
#include <cmath>

#include "lib/ops/pool.h"

namespace hone {

static Status run(OpCall& c) {
  const auto p = static_cast<double>(c.node.integer("p", 2));
  if (p < 1) return invalid("p is {}, expected 1 or more", p);
  return pool_elements(c, [=](const Taps& taps, const auto* x) {
    double sum = 0;
    for (const std::int64_t i : taps.offsets) sum += std::pow(std::abs(static_cast<double>(x[i])), p);
    return static_cast<std::remove_cvref_t<decltype(*x)>>(std::pow(sum, 1 / p));
  });
}
extern const Op lppool_op{.name = "LpPool",
                          .since = 2,
                          .inputs = "X: T",
                          .outputs = "Y: T",
                          .attributes =
                              "auto_pad: string = NOTSET, ceil_mode: int = 0, dilations: ints, kernel_shape!: ints, p: int = 2, "
                              "pads: ints, strides: ints",
                          .types = "T: floats",
                          .infer = infer_pool,
                          .reference = run};

}  // namespace hone
