// SPDX-License-Identifier: Apache-2.0
// y = x / (p-norm of x along the axis), p = 1 or 2. A lane of zeros stays zero.
#include <cmath>

#include "lib/ops/lanes.h"

namespace hone {

static Status run(OpCall& c) {
  const std::int64_t p = c.node.integer("p", 2);
  if (p != 1 && p != 2) return invalid("p is {}, expected 1 or 2", p);
  return each_lane(c, [=]<class A>(const A* x, A* y, std::int64_t n, std::int64_t stride) {
    A sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += p == 1 ? std::abs(x[i * stride]) : x[i * stride] * x[i * stride];
    const A norm = p == 1 ? sum : std::sqrt(sum);
    for (std::int64_t i = 0; i < n; ++i) y[i * stride] = norm == 0 ? A(0) : x[i * stride] / norm;
  });
}
extern const Op lpnormalization_op{.name = "LpNormalization",
                                   .since = 1,
                                   .inputs = "input: T",
                                   .outputs = "output: T",
                                   .attributes = "axis: int = -1, p: int = 2",
                                   .types = "T: floats",
                                   .infer = infer_lanes,
                                   .reference = run};

}  // namespace hone
