// SPDX-License-Identifier: Apache-2.0
// 1 with the probability that the input says, else 0.
#include "lib/ops/convert.h"
#include "lib/ops/random.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const DType dtype, numeric_attribute(c.node, "dtype", c.dtype(0)));
  c.set(0, dtype, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  Random random = random_of(c.node);
  for (std::int64_t i = 0; i < y->count(); ++i) store(*y, i, std::int64_t{random.uniform() < element(c.in(0), i)});
  return Ok{};
}
extern const Op bernoulli_op{.name = "Bernoulli",
                             .since = 15,
                             .inputs = "input: floats",
                             .outputs = "output: T2",
                             .attributes = "dtype: int, seed: float",
                             .types = "T2: numeric bool",
                             .infer = infer,
                             .reference = run,
                             .deterministic = false};

}  // namespace hone
