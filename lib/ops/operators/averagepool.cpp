// SPDX-License-Identifier: Apache-2.0
// The mean of each window; padding counts as zeros only with count_include_pad.
#include "lib/ops/pool.h"

namespace hone {

static Status run(OpCall& c) {
  const bool include_pad = c.node.integer("count_include_pad") != 0;
  return pool_elements(c, [=](const Taps& taps, const auto* x) {
    std::remove_cvref_t<decltype(*x)> sum = 0;
    for (const std::int64_t i : taps.offsets) sum += x[i];
    return sum / static_cast<decltype(sum)>(include_pad ? taps.padded : static_cast<std::int64_t>(taps.offsets.size()));
  });
}
extern const Op averagepool_op{.name = "AveragePool",
                               .since = 7,
                               .inputs = "X: T",
                               .outputs = "Y: T",
                               .attributes =
                                   "auto_pad: string = NOTSET, ceil_mode: int = 0, count_include_pad: int = 0, dilations: ints, "
                                   "kernel_shape!: ints, pads: ints, strides: ints",
                               .types = "T: floats",
                               .infer = infer_pool,
                               .reference = run};

}  // namespace hone
