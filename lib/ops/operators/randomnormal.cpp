// SPDX-License-Identifier: Apache-2.0
// Random numbers of a normal distribution, of the shape given.
#include "lib/ops/move.h"
#include "lib/ops/random.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const DType dtype, random_dtype(c.node, DType::f32));
  const std::vector<std::int64_t> dims = c.node.integers("shape");
  CHECK_OK(check_size(dims));
  c.set(0, dtype, Shape::of(dims));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  fill_normal(c.node, *y);
  return Ok{};
}
extern const Op randomnormal_op{.name = "RandomNormal",
                                .since = 1,
                                .outputs = "output: floats",
                                .attributes = "dtype: int = 1, mean: float = 0, scale: float = 1, seed: float, shape!: ints",
                                .infer = infer,
                                .reference = run,
                                .deterministic = false};

}  // namespace hone
