// SPDX-License-Identifier: Apache-2.0
// The largest element of each channel's plane.
#include "lib/ops/pool.h"

namespace hone {

static Status run(OpCall& c) {
  if (c.in(0).count() == 0) return invalid("the input of shape {} has no elements to pool", to_string(c.in(0).dims()));
  return pool_planes(c, [](const auto* x, std::int64_t size) { return *std::max_element(x, x + size); });
}
extern const Op globalmaxpool_op{.name = "GlobalMaxPool",
                                 .since = 1,
                                 .inputs = "X: T",
                                 .outputs = "Y: T",
                                 .types = "T: floats",
                                 .infer = infer_global_pool,
                                 .reference = run};

}  // namespace hone
