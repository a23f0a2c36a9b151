// SPDX-License-Identifier: Apache-2.0
// Ones on the k-th diagonal of a matrix of the input's shape, zeros elsewhere.
#include <algorithm>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 2, "the input"));
  TRY(const DType dtype, numeric_attribute(c.node, "dtype", c.dtype(0)));
  c.set(0, dtype, c.shape(0).ranked ? c.shape(0) : Shape::unknown(2));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t rows = y->dims()[0], columns = y->dims()[1], k = std::clamp(c.node.integer("k"), -rows, columns);
  for (std::int64_t r = 0; r < rows; ++r)
    if (r + k >= 0 && r + k < columns) store(*y, r * columns + r + k, std::int64_t{1});
  return Ok{};
}
extern const Op eyelike_op{.name = "EyeLike",
                           .since = 9,
                           .inputs = "input: T1",
                           .outputs = "output: T2",
                           .attributes = "dtype: int, k: int = 0",
                           .types = "T1: numeric bool; T2: numeric bool",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
