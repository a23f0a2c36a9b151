// SPDX-License-Identifier: Apache-2.0
// With new axes of size 1 at the places named (places in the output). Bytes are shared.
#include "lib/ops/reshaped.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  const auto axes = c.integers(1);
  if (!in.ranked || !axes) {
    const Shape& s = c.shape(1);
    const bool counted = in.ranked && s.ranked && s.rank() == 1 && s.dims[0].known() && s.dims[0].value < 64;
    c.set(0, c.dtype(0), counted ? Shape::unknown(in.rank() + static_cast<std::size_t>(s.dims[0].value)) : Shape());
    return Ok{};
  }
  const std::size_t rank = in.rank() + axes->size();
  std::vector<bool> added(rank, false);
  for (const std::int64_t a : *axes) {
    TRY(const std::size_t axis, normalize_axis(a, rank));
    if (added[axis]) return invalid("axis {} is named twice", a);
    added[axis] = true;
  }
  Shape out{std::vector<Dim>{}};
  std::size_t next = 0;
  for (std::size_t i = 0; i < rank; ++i) out.dims.push_back(added[i] ? Dim(1) : in.dims[next++]);
  if (const auto content = c.content(0); content && rank <= 1) c.set_content(0, *content);
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

extern const Op unsqueeze_op{.name = "Unsqueeze",
                             .since = 13,
                             .inputs = "data: T, axes: int64",
                             .outputs = "expanded: T",
                             .types = "T: all",
                             .infer = infer,
                             .reference = run_reshaped,
                             .upgrade = axes_to_input};

}  // namespace hone
