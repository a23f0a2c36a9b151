// SPDX-License-Identifier: Apache-2.0
// Inputs one after the other along an axis.
#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape out;
  std::size_t axis = 0;
  Dim length(0);
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    CHECK_OK(same_dtype(c, 0, i));
    const Shape& s = c.shape(i);
    if (!s.ranked) {
      length = Dim();
      continue;
    }
    TRY(axis, normalize_axis(c.node.integer("axis"), s.rank()));
    const Dim mine = s.dims[axis];
    length = length + mine;
    if (!out.ranked) {
      out = s;
      continue;
    }
    if (s.rank() != out.rank()) return invalid("input {} has shape {}, but an earlier one has {}", i, to_string(s), to_string(out));
    for (std::size_t k = 0; k < s.rank(); ++k) {
      if (k == axis) continue;
      auto d = unify(out.dims[k], s.dims[k]);
      if (!d) return invalid("input {} has shape {}, which differs from {} on axis {}", i, to_string(s), to_string(out), k);
      out.dims[k] = std::move(d).value();
    }
  }
  if (out.ranked) out.dims[axis] = length;
  const bool vector = out.ranked && out.rank() == 1;
  c.set(0, c.dtype(0), std::move(out));
  std::vector<Dim> all;
  for (std::size_t i = 0; vector && i < c.inputs(); ++i) {
    const auto part = c.content(i);
    if (!part) return Ok{};
    all.insert(all.end(), part->begin(), part->end());
  }
  if (vector) c.set_content(0, std::move(all));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover y, Mover::by_rule(c));
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), y.dims().size()));
  const std::int64_t outer = product(y.dims(), 0, axis), row = product(y.dims(), axis, y.dims().size());
  std::int64_t at = 0;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    const std::int64_t n = product(c.in(i).dims(), axis, y.dims().size());
    for (std::int64_t o = 0; o < outer; ++o) y.copy(c.in(i), o * n, o * row + at, n);
    at += n;
  }
  return y.finish();
}
extern const Op concat_op{.name = "Concat",
                          .since = 4,
                          .inputs = "inputs...: T",
                          .outputs = "concat_result: T",
                          .attributes = "axis!: int",
                          .types = "T: all",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
