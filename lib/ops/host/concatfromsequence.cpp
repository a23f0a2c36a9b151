// SPDX-License-Identifier: Apache-2.0
// The tensors of a sequence one after the other along an axis; with new_axis 1 the axis is a new one.
#include <algorithm>

#include "lib/ops/host/_sequence.h"
#include "lib/ops/move.h"

namespace hone {

static Result<std::size_t> axis_of(const Node& node, std::size_t item_rank) {
  const std::int64_t stacked = node.integer("new_axis");
  if (stacked != 0 && stacked != 1) return invalid("new_axis is {}, expected 0 or 1", stacked);
  return normalize_axis(node.integer("axis"), item_rank + static_cast<std::size_t>(stacked));
}

static Status infer(InferCall& c) {
  const ValueType element = c.element(0);
  Shape out = element.shape;
  if (out.ranked) {
    TRY(const std::size_t axis, axis_of(c.node, out.rank()));
    if (c.node.integer("new_axis") == 1) out.dims.insert(out.dims.begin() + static_cast<std::ptrdiff_t>(axis), Dim());
    out.dims[axis] = Dim();
  }
  c.set(0, element.dtype, std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  std::vector<Tensor> items(c.in(0).items().begin(), c.in(0).items().end());
  if (items.empty()) return invalid("the sequence is empty: there is nothing to concatenate");
  TRY(const std::size_t axis, axis_of(c.node, items[0].rank()));
  std::int64_t length = 0;
  Dims dims;
  for (Tensor& t : items) {
    Dims own = t.dims();
    if (c.node.integer("new_axis") == 1) own.insert(own.begin() + static_cast<std::ptrdiff_t>(std::min(axis, own.size())), 1);
    if (dims.empty()) dims = own;
    if (own.size() == dims.size()) dims[axis] = own[axis];
    if (own != dims || t.dtype() != items[0].dtype())
      return invalid("the sequence holds {} of {} and {} of {}, which do not join along axis {}", name(items[0].dtype()),
                     to_string(items[0].dims()), name(t.dtype()), to_string(t.dims()), axis);
    length += own[axis];
    t = t.reshaped(std::move(own));
  }
  dims[axis] = length;
  CHECK_OK(check_size(dims));
  Mover y(c, 0, items[0].dtype(), dims);
  const std::int64_t outer = product(dims, 0, axis), row = product(dims, axis, dims.size());
  std::int64_t at = 0;
  for (const Tensor& t : items) {
    const std::int64_t n = product(t.dims(), axis, dims.size());
    for (std::int64_t o = 0; o < outer; ++o) y.copy(t, o * n, o * row + at, n);
    at += n;
  }
  return y.finish();
}
extern const Op concatfromsequence_op{.name = "ConcatFromSequence",
                                      .since = 11,
                                      .inputs = "input_sequence: S",
                                      .outputs = "concat_result: T",
                                      .attributes = "axis!: int, new_axis: int = 0",
                                      .types = "S: seq; T: all",
                                      .infer = infer,
                                      .reference = run};

}  // namespace hone
