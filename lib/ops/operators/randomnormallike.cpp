// SPDX-License-Identifier: Apache-2.0
// Random numbers of a normal distribution, of the input's shape and, unless dtype says otherwise, type.
#include "lib/ops/random.h"

namespace hone {

extern const Op randomnormallike_op{.name = "RandomNormalLike",
                                    .since = 1,
                                    .inputs = "input: all",
                                    .outputs = "output: floats",
                                    .attributes = "dtype: int, mean: float = 0, scale: float = 1, seed: float",
                                    .infer = infer_random_like,
                                    .reference = run_normal,
                                    .deterministic = false};

}  // namespace hone
