// SPDX-License-Identifier: Apache-2.0
// y[i][j][k] = data[index[i][j][k]][j][k] for axis 0, and so on for the other axes.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &data = c.shape(0), &indices = c.shape(1);
  if (data.ranked && indices.ranked && data.rank() != indices.rank())
    return invalid("data has shape {} and indices {}: they must have as many axes", to_string(data), to_string(indices));
  if (data.ranked) CHECK_OK(normalize_axis(c.node.integer("axis"), data.rank()));
  c.set(0, c.dtype(0), indices);
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor &x = c.in(0), &index = c.in(1);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  for (std::size_t k = 0; k < x.rank(); ++k)
    if (k != axis && index.dims()[k] > x.dims()[k])
      return invalid("indices of shape {} exceed data of shape {} on axis {}", to_string(index.dims()), to_string(x.dims()), k);
  const Dims strides = strides_of(x.dims());
  const std::vector<std::int64_t> which = index.to_ints();
  Mover y(c, 0, x.dtype(), index.dims());
  Status status = Ok{};
  std::int64_t to = 0;
  each_index(index.dims(), [&](const Dims& at) {
    const auto i = normalize_index(which[static_cast<std::size_t>(to)], x.dims()[axis]);
    if (!i) {
      if (status) status = i.error();
      return;
    }
    std::int64_t from = (*i - at[axis]) * strides[axis];
    for (std::size_t k = 0; k < at.size(); ++k) from += at[k] * strides[k];
    y.copy(x, from, to++);
  });
  CHECK_OK(std::move(status));
  return y.finish();
}
extern const Op gatherelements_op{.name = "GatherElements",
                                  .since = 11,
                                  .inputs = "data: T, indices: I",
                                  .outputs = "output: T",
                                  .attributes = "axis: int = 0",
                                  .types = "T: all; I: int32 int64",
                                  .infer = infer,
                                  .reference = run};

}  // namespace hone
