// SPDX-License-Identifier: Apache-2.0
// Random numbers of a uniform distribution, of the input's shape and, unless dtype says otherwise, type.
#include "lib/ops/random.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const DType dtype, random_dtype(c.node, is_float(c.dtype(0)) ? c.dtype(0) : DType::f32));
  c.set(0, dtype, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  fill_uniform(c.node, *y);
  return Ok{};
}
extern const Op randomuniformlike_op{.name = "RandomUniformLike",
                                     .since = 1,
                                     .inputs = "input: all",
                                     .outputs = "output: floats",
                                     .attributes = "dtype: int, high: float = 1, low: float = 0, seed: float",
                                     .infer = infer,
                                     .reference = run,
                                     .deterministic = false};

}  // namespace hone
