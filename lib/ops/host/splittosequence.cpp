// SPDX-License-Identifier: Apache-2.0
// The parts of a tensor along an axis as a sequence: of length 1 (the axis goes when keepdims is 0), of one given length (the last
// may be shorter), or of the lengths listed.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status infer(InferCall& c) {
  ValueType element{c.dtype(0), c.shape(0)};
  if (element.shape.ranked) {
    TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), element.shape.rank()));
    if (c.has(1))
      element.shape.dims[axis] = Dim();
    else if (c.node.integer("keepdims", 1) != 0)
      element.shape.dims[axis] = Dim(1);
    else
      element.shape.dims.erase(element.shape.dims.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  if (c.shape(1).ranked && c.shape(1).rank() > 1) return invalid("split has shape {}, expected a scalar or one axis", to_string(c.shape(1)));
  c.set(0, sequence_of(std::move(element)));
  return Ok{};
}

// The lengths of the parts of an axis of size n.
static Result<std::vector<std::int64_t>> lengths_of(const Tensor* split, std::int64_t n) {
  if (split && split->rank() == 1) {
    std::vector<std::int64_t> lengths = split->to_ints();
    std::int64_t left = n;
    for (const std::int64_t l : lengths) {
      if (l < 0 || l > left) return invalid("the parts do not add up to the axis, which has {} elements", n);
      left -= l;
    }
    if (left != 0) return invalid("the parts leave {} of the axis's {} elements", left, n);
    return lengths;
  }
  const std::int64_t each = split ? split->to_ints()[0] : 1;
  if (each < 1) return invalid("split is {}, expected 1 or more", each);
  std::vector<std::int64_t> lengths;
  for (std::int64_t left = n; left > 0; left -= lengths.back()) lengths.push_back(std::min(each, left));
  return lengths;
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  TRY(const std::vector<std::int64_t> lengths, lengths_of(c.find(1), x.dims()[axis]));
  const bool squeeze = !c.has(1) && c.node.integer("keepdims", 1) == 0;
  Dims squeezed = x.dims();
  squeezed.erase(squeezed.begin() + static_cast<std::ptrdiff_t>(axis));
  std::vector<Tensor> items;
  std::int64_t at = 0;
  for (const std::int64_t n : lengths) {
    const Tensor item = part(c.node, x, axis, at, n);
    items.push_back(squeeze ? item.reshaped(squeezed) : item);
    at += n;
  }
  c.set(0, Tensor::sequence(std::move(items)));
  return Ok{};
}
extern const Op splittosequence_op{.name = "SplitToSequence",
                                   .since = 11,
                                   .inputs = "input: T, split?: I",
                                   .outputs = "output_sequence: S",
                                   .attributes = "axis: int = 0, keepdims: int = 1",
                                   .types = "T: all; I: int32 int64; S: seq",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
