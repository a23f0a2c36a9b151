// SPDX-License-Identifier: Apache-2.0
// Random numbers of a normal distribution, of the input's shape and, unless dtype says otherwise, type.
#include "lib/ops/random.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const DType dtype, random_dtype(c.node, is_float(c.dtype(0)) ? c.dtype(0) : DType::f32));
  c.set(0, dtype, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  fill_normal(c.node, *y);
  return Ok{};
}
extern const Op randomnormallike_op{.name = "RandomNormalLike",
                                    .since = 1,
                                    .inputs = "input: all",
                                    .outputs = "output: floats",
                                    .attributes = "dtype: int, mean: float = 0, scale: float = 1, seed: float",
                                    .infer = infer,
                                    .reference = run,
                                    .deterministic = false};

}  // namespace hone
