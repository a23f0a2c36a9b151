// SPDX-License-Identifier: Apache-2.0
// 1 at the first largest element along the axis, 0 elsewhere.
#include "lib/ops/lanes.h"

namespace hone {

static Status run(OpCall& c) {
  return each_lane(c, []<class A>(const A* x, A* y, std::int64_t n, std::int64_t stride) {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < n; ++i)
      if (x[i * stride] > x[best * stride]) best = i;
    y[best * stride] = 1;  // the others are zero already
  });
}
extern const Op hardmax_op{.name = "Hardmax",
                           .since = 13,
                           .inputs = "input: T",
                           .outputs = "output: T",
                           .attributes = "axis: int = -1",
                           .types = "T: floats",
                           .infer = infer_lanes,
                           .reference = run,
                           .upgrade = upgrade_lanes};

}  // namespace hone
