// SPDX-License-Identifier: Apache-2.0
// A new axis of length depth: values[1] at the place the index names, values[0] elsewhere.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked) {
    c.set(0, c.dtype(2), {});
    return Ok{};
  }
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), in.rank() + 1));
  Dim depth;
  if (const Tensor* t = c.constant(1)) {
    if (t->count() != 1) return invalid("depth has {} elements, expected 1", t->count());
    depth = Dim(t->to_ints()[0]);
    if (!depth.known()) return invalid("depth is {}", depth.value);
  } else if (const auto content = c.content(1); content && content->size() == 1) {
    depth = content->front();
  }
  Shape out = in;
  out.dims.insert(out.dims.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  c.set(0, c.dtype(2), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover y, Mover::by_rule(c));
  if (c.in(2).count() != 2) return invalid("values has {} elements, expected 2 (off, on)", c.in(2).count());
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), y.dims().size()));
  const std::int64_t outer = product(y.dims(), 0, axis), depth = y.dims()[axis], inner = product(y.dims(), axis + 1, y.dims().size());
  const std::vector<std::int64_t> which = c.in(0).to_ints();
  y.fill(c.in(2), 0, 0, y.count());
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      const auto at = normalize_index(which[static_cast<std::size_t>(o * inner + i)], depth);
      if (at) y.copy(c.in(2), 1, (o * depth + *at) * inner + i);  // an index out of range leaves a row of "off"
    }
  return y.finish();
}
extern const Op onehot_op{.name = "OneHot",
                          .since = 9,
                          .inputs = "indices: T1, depth: T2, values: T3",
                          .outputs = "output: T3",
                          .attributes = "axis: int = -1",
                          .types = "T1: numeric; T2: numeric; T3: all",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
