// SPDX-License-Identifier: Apache-2.0
// A copy of the data in which the slices chosen by index tuples (the last axis of the indices) are replaced by the updates.
#include "lib/ops/scatter.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &data = c.shape(0), &indices = c.shape(1), &updates = c.shape(2);
  c.set(0, c.dtype(0), data);
  if (!data.ranked || !indices.ranked || indices.rank() == 0 || !indices.dims.back().known()) return Ok{};
  const std::int64_t tuple = indices.dims.back().value;
  if (tuple > static_cast<std::int64_t>(data.rank())) return invalid("index tuples of {} for data of shape {}", tuple, to_string(data));
  Shape wanted = indices;
  wanted.dims.pop_back();
  wanted.dims.insert(wanted.dims.end(), data.dims.begin() + static_cast<std::ptrdiff_t>(tuple), data.dims.end());
  if (!updates.ranked) return Ok{};
  bool fits = wanted.rank() == updates.rank();
  for (std::size_t k = 0; fits && k < wanted.rank(); ++k) fits = unify(wanted.dims[k], updates.dims[k]).has_value();
  if (!fits) return invalid("updates has shape {}, expected {}", to_string(updates), to_string(wanted));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor &x = c.in(0), &indices = c.in(1);
  if (indices.rank() == 0) return invalid("indices is a scalar");
  const auto tuple = static_cast<std::size_t>(indices.dims().back());
  const std::int64_t slices = product(indices.dims(), 0, indices.rank() - 1), inner = product(x.dims(), tuple, x.rank());
  const std::vector<std::int64_t> which = indices.to_ints();
  TRY(Scatter y, Scatter::begin(c, x));
  std::size_t at = 0;
  for (std::int64_t s = 0; s < slices; ++s) {
    std::int64_t to = 0;
    for (std::size_t k = 0; k < tuple; ++k) {
      TRY(const std::int64_t i, normalize_index(which[at++], x.dims()[k]));
      to = to * x.dims()[k] + i;
    }
    y.write(c.in(2), s * inner, to * inner, inner);
  }
  return y.finish();
}
extern const Op scatternd_op{.name = "ScatterND",
                             .since = 11,
                             .inputs = "data: T, indices: int64, updates: T",
                             .outputs = "output: T",
                             .attributes = "reduction: string = none",
                             .types = "T: all",
                             .infer = infer,
                             .reference = run};

}  // namespace hone
