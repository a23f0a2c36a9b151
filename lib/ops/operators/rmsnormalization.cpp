// SPDX-License-Identifier: Apache-2.0
// Y = scale * X / sqrt(mean of X^2 + epsilon), the mean over the axes from `axis` on.
#include <cmath>

#include "lib/ops/normalize.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& x = c.shape(0);
  if (x.ranked) CHECK_OK(normalize_axis(c.node.integer("axis", -1), x.rank()));
  TRY(const Shape both, broadcast(x, c.shape(1)));
  if (x.known() && both.known() && x != both) return invalid("a scale of shape {} does not broadcast to {}", to_string(c.shape(1)), to_string(x));
  c.set(0, c.dtype(1), x);
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor& t = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), t.rank()));
  Tensor& y = c.make(0, c.in(1).dtype(), t.dims());
  return normalize_trailing(c, y, count_of(std::span(t.dims()).first(axis)), [&]<class A>(const A* x, std::int64_t n, std::int64_t) {
    A sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += x[i] * x[i];
    return Moments<A>{0, 1 / std::sqrt(sum / static_cast<A>(n) + static_cast<A>(c.node.number("epsilon", 1e-5f)))};
  });
}
extern const Op rmsnormalization_op{.name = "RMSNormalization",
                                    .since = 23,
                                    .inputs = "X: T, scale: V",
                                    .outputs = "Y: V",
                                    .attributes = "axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1",
                                    .types = "T: floats; V: floats",
                                    .infer = infer,
                                    .reference = run};

}  // namespace hone
