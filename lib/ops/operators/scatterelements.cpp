// SPDX-License-Identifier: Apache-2.0
// A copy of the data in which y[index[i][j]][j] = updates[i][j] for axis 0, and so on for the other axes.
#include "lib/ops/scatter.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &data = c.shape(0), &indices = c.shape(1), &updates = c.shape(2);
  c.set(0, c.dtype(0), data);
  if (data.ranked) CHECK_OK(normalize_axis(c.node.integer("axis"), data.rank()));
  if (!data.ranked || !indices.ranked || !updates.ranked) return Ok{};
  bool fits = data.rank() == indices.rank() && indices.rank() == updates.rank();
  for (std::size_t k = 0; fits && k < data.rank(); ++k) fits = unify(indices.dims[k], updates.dims[k]).has_value();
  if (!fits)
    return invalid("data, indices and updates have shapes {}, {} and {}: the last two must be the same, of as many axes as the first",
                   to_string(data), to_string(indices), to_string(updates));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor &x = c.in(0), &indices = c.in(1);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  for (std::size_t k = 0; k < x.rank(); ++k)
    if (k != axis && indices.dims()[k] > x.dims()[k])
      return invalid("indices of shape {} exceed data of shape {} on axis {}", to_string(indices.dims()), to_string(x.dims()), k);
  const Dims strides = strides_of(x.dims());
  const std::vector<std::int64_t> which = indices.to_ints();
  TRY(Scatter y, Scatter::begin(c, x));
  Status status = Ok{};
  std::int64_t from = 0;
  each_index(indices.dims(), [&](const Dims& at) {
    const auto i = normalize_index(which[static_cast<std::size_t>(from)], x.dims()[axis]);
    if (!i) {
      if (status) status = i.error();
      return;
    }
    std::int64_t to = (*i - at[axis]) * strides[axis];
    for (std::size_t k = 0; k < at.size(); ++k) to += at[k] * strides[k];
    y.write(c.in(2), from++, to, 1);
  });
  CHECK_OK(std::move(status));
  return y.finish();
}
extern const Op scatterelements_op{.name = "ScatterElements",
                                   .since = 11,
                                   .inputs = "data: T, indices: I, updates: T",
                                   .outputs = "output: T",
                                   .attributes = "axis: int = 0, reduction: string = none",
                                   .types = "T: all; I: int32 int64",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
