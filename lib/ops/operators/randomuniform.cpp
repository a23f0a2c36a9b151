// SPDX-License-Identifier: Apache-2.0
// Random numbers of a uniform distribution, of the shape given.
#include "lib/ops/random.h"

namespace hone {

extern const Op randomuniform_op{.name = "RandomUniform",
                                 .since = 1,
                                 .outputs = "output: floats",
                                 .attributes = "dtype: int = 1, high: float = 1, low: float = 0, seed: float, shape!: ints",
                                 .infer = infer_random,
                                 .reference = run_uniform,
                                 .deterministic = false};

}  // namespace hone
