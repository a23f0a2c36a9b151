// SPDX-License-Identifier: Apache-2.0
// The p-norm of each channel's plane.
#include <cmath>

#include "lib/ops/pool.h"

namespace hone {

static Status run(OpCall& c) {
  const auto p = static_cast<double>(c.node.integer("p", 2));
  if (p < 1) return invalid("p is {}, expected 1 or more", p);
  return pool_planes(c, [=](const auto* x, std::int64_t size) {
    double sum = 0;
    for (std::int64_t i = 0; i < size; ++i) sum += std::pow(std::abs(static_cast<double>(x[i])), p);
    return static_cast<std::remove_cvref_t<decltype(*x)>>(std::pow(sum, 1 / p));
  });
}
extern const Op globallppool_op{.name = "GlobalLpPool",
                                .since = 2,
                                .inputs = "X: T",
                                .outputs = "Y: T",
                                .attributes = "p: int = 2",
                                .types = "T: floats",
                                .infer = infer_global_pool,
                                .reference = run};

}  // namespace hone
