// SPDX-License-Identifier: Apache-2.0
// The parts of a tensor along an axis: of the lengths given, or equal ones (the last may be shorter).
#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked) {
    for (std::size_t i = 0; i < c.outputs(); ++i) c.set(i, c.dtype(0), {});
    return Ok{};
  }
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), in.rank()));
  const auto n = static_cast<std::int64_t>(c.outputs());
  const auto lengths = c.integers(1);
  if (lengths && static_cast<std::int64_t>(lengths->size()) != n)
    return invalid("split has {} values, but there are {} outputs", lengths->size(), n);
  const Dim& whole = in.dims[axis];
  if (const std::int64_t wanted = c.node.integer("num_outputs", n); wanted != n)
    return invalid("num_outputs is {}, but there are {} outputs", wanted, n);
  std::int64_t left = whole.value;
  const Dim chunk = n > 0 ? ceil_div(whole, n) : Dim();
  const auto symbols = c.content(1);
  for (std::size_t i = 0; i < c.outputs(); ++i) {
    Shape part = in;
    Dim& d = part.dims[axis];
    if (lengths)
      d = Dim((*lengths)[i]);
    else if (c.has(1))
      d = symbols && i < symbols->size() ? (*symbols)[i] : Dim();
    else if (!whole.known())
      d = min(chunk, max(whole - chunk * Dim(static_cast<std::int64_t>(i)), Dim(0)));
    else
      d = Dim(std::min(left, chunk.value));
    if (lengths && !d.known()) return invalid("split has the length {}", (*lengths)[i]);
    if (whole.known() && d.known() && (left -= d.value) < 0)
      return invalid("the parts are longer than axis {} of shape {}", axis, to_string(in));
    c.set(i, c.dtype(0), std::move(part));
  }
  if (whole.known() && lengths && left != 0) return invalid("the parts are shorter than axis {} of shape {}", axis, to_string(in));
  if (const auto content = c.content(0); content && in.rank() == 1 && lengths && whole.known()) {
    auto at = content->begin();
    for (std::size_t i = 0; i < c.outputs(); at += (*lengths)[i], ++i) c.set_content(i, std::vector<Dim>(at, at + (*lengths)[i]));
  }
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const std::int64_t outer = product(x.dims(), 0, axis), row = product(x.dims(), axis, x.rank());
  std::int64_t at = 0;
  for (std::size_t i = 0; i < c.outputs(); ++i) {
    Mover y(c, i, x.dtype(), *facts[i].shape.concrete());
    const std::int64_t n = product(y.dims(), axis, x.rank());
    for (std::int64_t o = 0; o < outer; ++o) y.copy(x, o * row + at, o * n, n);
    at += n;
    CHECK_OK(y.finish());
  }
  return Ok{};
}

static Status upgrade(Graph& g, Node& n, int) {
  attribute_to_input(g, n, "split", 1);
  return Ok{};
}
extern const Op split_op{.name = "Split",
                         .since = 13,
                         .inputs = "input: T, split?: int64",
                         .outputs = "outputs...: T",
                         .attributes = "axis: int = 0, num_outputs: int",
                         .types = "T: all",
                         .infer = infer,
                         .reference = run,
                         .upgrade = upgrade};

}  // namespace hone
