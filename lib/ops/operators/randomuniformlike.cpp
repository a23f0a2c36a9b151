// SPDX-License-Identifier: Apache-2.0
// Random numbers of a uniform distribution, of the input's shape and, unless dtype says otherwise, type.
#include "lib/ops/random.h"

namespace hone {

extern const Op randomuniformlike_op{.name = "RandomUniformLike",
                                     .since = 1,
                                     .inputs = "input: all",
                                     .outputs = "output: floats",
                                     .attributes = "dtype: int, high: float = 1, low: float = 0, seed: float",
                                     .infer = infer_random_like,
                                     .reference = run_uniform,
                                     .deterministic = false};

}  // namespace hone
