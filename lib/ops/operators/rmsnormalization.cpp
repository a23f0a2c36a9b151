// SPDX-License-Identifier: Apache-2.0
// Y = scale * X / sqrt(mean of X^2 + epsilon), the mean over the axes from `axis` on.
#include <cmath>

#include "lib/ops/normalize.h"

namespace hone {

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor& t = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), t.rank()));
  Tensor& y = c.make(0, t.dtype(), t.dims());
  return normalize_trailing(c, y, count_of(std::span(t.dims()).first(axis)), [&]<class A>(const A* x, std::int64_t n, std::int64_t) {
    A sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    return Moments<A>{0, 1 / std::sqrt(sum / static_cast<A>(n) + static_cast<A>(c.node.number("epsilon", 1e-5f)))};
  });
}
extern const Op rmsnormalization_op{.name = "RMSNormalization",
                                    .since = 23,
                                    .inputs = "X: T, scale: T",
                                    .outputs = "Y: T",
                                    .attributes = "axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1",
                                    .types = "T: floats",
                                    .infer = infer_trailing,
                                    .reference = run};

}  // namespace hone
