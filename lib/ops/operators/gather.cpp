// SPDX-License-Identifier: Apache-2.0
// Slices of the data along an axis, chosen by index; a negative index counts from the end.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &data = c.shape(0), &indices = c.shape(1);
  if (!data.ranked || !indices.ranked) {
    c.set(0, c.dtype(0), {});
    return Ok{};
  }
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), data.rank()));
  Shape out = data;
  out.dims.erase(out.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  out.dims.insert(out.dims.begin() + static_cast<std::ptrdiff_t>(axis), indices.dims.begin(), indices.dims.end());
  const bool small = data.rank() == 1 && out.rank() <= 1;
  c.set(0, c.dtype(0), std::move(out));
  const auto content = c.content(0);
  const auto which = c.integers(1);
  if (!small || !content || !which) return Ok{};
  std::vector<Dim> chosen;
  for (const std::int64_t i : *which) {
    TRY(const std::int64_t at, normalize_index(i, static_cast<std::int64_t>(content->size())));
    chosen.push_back((*content)[static_cast<std::size_t>(at)]);
  }
  c.set_content(0, std::move(chosen));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  const std::vector<std::int64_t> indices = c.in(1).to_ints();
  const std::int64_t outer = product(x.dims(), 0, axis), size = x.dims()[axis], inner = product(x.dims(), axis + 1, x.rank());
  std::int64_t to = 0;
  for (std::int64_t o = 0; o < outer; ++o)
    for (const std::int64_t i : indices) {
      TRY(const std::int64_t at, normalize_index(i, size));
      y.copy(x, (o * size + at) * inner, to, inner);
      to += inner;
    }
  return y.finish();
}
extern const Op gather_op{.name = "Gather",
                          .since = 1,
                          .inputs = "data: T, indices: I",
                          .outputs = "output: T",
                          .attributes = "axis: int = 0",
                          .types = "T: all; I: int32 int64",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
