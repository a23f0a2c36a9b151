// SPDX-License-Identifier: Apache-2.0
// y = exp(x) / sum of exp along the axis, shifted by the largest x so that nothing overflows.
#include <cmath>

#include "lib/ops/lanes.h"

namespace hone {

static Status run(OpCall& c) {
  return each_lane(c, []<class A>(const A* x, A* y, std::int64_t n, std::int64_t stride) {
    A largest = x[0], sum = 0;
    for (std::int64_t i = 1; i < n; ++i) largest = std::max(largest, x[i * stride]);
    for (std::int64_t i = 0; i < n; ++i) sum += y[i * stride] = std::exp(x[i * stride] - largest);
    for (std::int64_t i = 0; i < n; ++i) y[i * stride] /= sum;
  });
}
extern const Op softmax_op{.name = "Softmax",
                           .since = 13,
                           .inputs = "input: T",
                           .outputs = "output: T",
                           .attributes = "axis: int = -1",
                           .types = "T: floats",
                           .infer = infer_lanes,
                           .reference = run,
                           .upgrade = upgrade_lanes};

}  // namespace hone
