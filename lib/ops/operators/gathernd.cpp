// SPDX-License-Identifier: Apache-2.0
// Slices chosen by index tuples, which lie along the last axis of the indices; the first batch_dims axes go side by side.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &data = c.shape(0), &indices = c.shape(1);
  c.set(0, c.dtype(0), {});
  if (!data.ranked || !indices.ranked || indices.rank() == 0 || !indices.dims.back().known()) return Ok{};
  const std::int64_t batch = c.node.integer("batch_dims"), tuple = indices.dims.back().value;
  if (batch < 0 || batch >= static_cast<std::int64_t>(indices.rank()) || tuple < 1 ||
      tuple > static_cast<std::int64_t>(data.rank()) - batch)
    return invalid("indices of shape {} do not fit data of shape {} with batch_dims {}", to_string(indices), to_string(data), batch);
  Shape out = indices;
  out.dims.pop_back();
  out.dims.insert(out.dims.end(), data.dims.begin() + static_cast<std::ptrdiff_t>(batch + tuple), data.dims.end());
  for (std::size_t k = 0; k < static_cast<std::size_t>(batch); ++k) CHECK_OK(unify(data.dims[k], indices.dims[k]));
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor &x = c.in(0), &indices = c.in(1);
  if (indices.rank() == 0) return invalid("indices is a scalar");
  TRY(Mover y, Mover::by_rule(c));
  const auto batch = static_cast<std::size_t>(c.node.integer("batch_dims")), tuple = static_cast<std::size_t>(indices.dims().back());
  const std::vector<std::int64_t> which = indices.to_ints();
  const std::int64_t batches = product(x.dims(), 0, batch), slices = product(indices.dims(), batch, indices.rank() - 1);
  const std::int64_t inner = product(x.dims(), batch + tuple, x.rank()), per_batch = product(x.dims(), batch, x.rank());
  std::size_t at = 0;
  std::int64_t to = 0;
  for (std::int64_t b = 0; b < batches; ++b)
    for (std::int64_t s = 0; s < slices; ++s) {
      std::int64_t from = 0;
      for (std::size_t k = 0; k < tuple; ++k) {
        TRY(const std::int64_t i, normalize_index(which[at++], x.dims()[batch + k]));
        from = from * x.dims()[batch + k] + i;
      }
      y.copy(x, b * per_batch + from * inner, to, inner);
      to += inner;
    }
  return y.finish();
}
extern const Op gathernd_op{.name = "GatherND",
                            .since = 11,
                            .inputs = "data: T, indices: int64",
                            .outputs = "output: T",
                            .attributes = "batch_dims: int = 0",
                            .types = "T: all",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
