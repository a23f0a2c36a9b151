// SPDX-License-Identifier: Apache-2.0
// The part of each matrix on and above (upper) or on and below the k-th diagonal; zeros elsewhere.
#include <algorithm>

#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  if (c.shape(0).ranked && c.shape(0).rank() < 2) return invalid("the input has shape {}, expected 2 axes or more", to_string(c.shape(0)));
  return infer_same(c);
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::vector<std::int64_t> given = c.has(1) ? c.in(1).to_ints() : std::vector<std::int64_t>{0};
  if (given.size() != 1) return invalid("k has {} elements, expected 1", given.size());
  const std::int64_t rows = x.dims()[x.rank() - 2], columns = x.dims()[x.rank() - 1], matrices = product(x.dims(), 0, x.rank() - 2);
  const std::int64_t k = std::clamp(given[0], -rows - 1, columns + 1);
  const bool upper = c.node.integer("upper", 1) != 0;
  Mover y(c, 0, x.dtype(), x.dims());
  for (std::int64_t m = 0; m < matrices; ++m)
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t row = (m * rows + r) * columns;
      const std::int64_t from = upper ? std::clamp<std::int64_t>(r + k, 0, columns) : 0;
      const std::int64_t to = upper ? columns : std::clamp<std::int64_t>(r + k + 1, 0, columns);
      y.copy(x, row + from, row + from, to - from);
    }
  return y.finish();
}
extern const Op trilu_op{.name = "Trilu",
                         .since = 14,
                         .inputs = "input: T, k?: int64",
                         .outputs = "output: T",
                         .attributes = "upper: int = 1",
                         .types = "T: all",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
