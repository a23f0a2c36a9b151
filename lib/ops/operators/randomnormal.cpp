// SPDX-License-Identifier: Apache-2.0
// Random numbers of a normal distribution, of the shape given.
#include "lib/ops/random.h"

namespace hone {

extern const Op randomnormal_op{.name = "RandomNormal",
                                .since = 1,
                                .outputs = "output: floats",
                                .attributes = "dtype: int = 1, mean: float = 0, scale: float = 1, seed: float, shape!: ints",
                                .infer = infer_random,
                                .reference = run_normal,
                                .deterministic = false};

}  // namespace hone
