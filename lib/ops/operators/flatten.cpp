// SPDX-License-Identifier: Apache-2.0
// A matrix: the axes before `axis`, and those from it on. Bytes are shared.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked) {
    c.set(0, c.dtype(0), Shape::unknown(2));
    return Ok{};
  }
  const auto rank = static_cast<std::int64_t>(in.rank());
  std::int64_t axis = c.node.integer("axis", 1);
  if (axis < -rank || axis > rank) return invalid("axis {} is outside [-{}, {}]", axis, rank, rank);
  if (axis < 0) axis += rank;
  const std::span<const Dim> dims(in.dims);
  const auto cut = static_cast<std::size_t>(axis);
  c.set(0, c.dtype(0), {product(dims.first(cut)), product(dims.subspan(cut))});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const auto dims = facts[0].shape.concrete();
  if (!dims) return invalid("the dimensions are too large");
  c.set(0, c.in(0).reshaped(*dims));
  return Ok{};
}
extern const Op flatten_op{.name = "Flatten",
                           .since = 1,
                           .inputs = "input: T",
                           .outputs = "output: T",
                           .attributes = "axis: int = 1",
                           .types = "T: all",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
