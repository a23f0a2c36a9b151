// SPDX-License-Identifier: Apache-2.0
// Axes in another order; reversed without perm.
#include "lib/ops/move.h"

namespace hone {

static Result<std::vector<std::size_t>> permutation(const Node& node, std::size_t rank) {
  std::vector<std::int64_t> perm = node.integers("perm");
  if (!node.attributes.contains("perm"))
    for (std::size_t i = rank; i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  if (perm.size() != rank) return invalid("perm has {} values, expected {} (one per axis)", perm.size(), rank);
  std::vector<std::size_t> order;
  std::vector<bool> seen(rank, false);
  for (const std::int64_t p : perm) {
    TRY(const std::size_t axis, normalize_axis(p, rank));
    if (seen[axis]) return invalid("perm names axis {} twice", p);
    seen[axis] = true;
    order.push_back(axis);
  }
  return order;
}

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked) {
    c.set(0, c.dtype(0), {});
    return Ok{};
  }
  TRY(const auto order, permutation(c.node, in.rank()));
  Shape out{std::vector<Dim>{}};
  for (const std::size_t axis : order) out.dims.push_back(in.dims[axis]);
  if (const auto content = c.content(0); content && out.rank() <= 1) c.set_content(0, *content);
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const auto order, permutation(c.node, x.rank()));
  const Dims from = strides_of(x.dims());
  Dims dims, strides;
  for (const std::size_t axis : order) {
    dims.push_back(x.dims()[axis]);
    strides.push_back(from[axis]);
  }
  Mover y(c, 0, x.dtype(), dims);
  y.copy_strided(x, 0, strides);
  return y.finish();
}
extern const Op transpose_op{.name = "Transpose",
                             .since = 1,
                             .inputs = "data: T",
                             .outputs = "transposed: T",
                             .attributes = "perm: ints",
                             .types = "T: all",
                             .infer = infer,
                             .reference = run};

}  // namespace hone
