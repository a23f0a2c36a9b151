// SPDX-License-Identifier: Apache-2.0
// The mean of each channel's plane.
#include "lib/ops/pool.h"

namespace hone {

static Status run(OpCall& c) {
  return pool_planes(c, [](const auto* x, std::int64_t size) {
    double sum = 0;
    for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(x[i]);
    return static_cast<std::remove_cvref_t<decltype(*x)>>(sum / static_cast<double>(size));
  });
}
extern const Op globalaveragepool_op{.name = "GlobalAveragePool",
                                     .since = 1,
                                     .inputs = "X: T",
                                     .outputs = "Y: T",
                                     .types = "T: floats",
                                     .infer = infer_global_pool,
                                     .reference = run};

}  // namespace hone
