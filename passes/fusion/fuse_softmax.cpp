// SPDX-License-Identifier: Apache-2.0
// A softmax spelt out becomes Softmax.
//
//   m = ReduceMax (x, [1])   d = Sub (x, m)   e = Exp (d)   s = ReduceSum (e, [1])   y = Div (e, s)     =>     y = Softmax <axis = 1> (x)
//   e = Exp (x)   s = ReduceSum (e, [1])   y = Div (e, s)                                               =>     the same
//   f = Flatten <axis = 2> (x)   s = Softmax (f)   y = Reshape (s, shape of x), x of rank 3             =>     y = Softmax (x)
//
// The last is what a Softmax of opset 12 and before becomes when it is read: it ran over all axes from one to the last.
// Without the maximum the original overflows for x above 88, where Softmax does not: the fused form is the better one there.
#include <algorithm>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

// The one axis of a reduction that keeps its dimension.
std::optional<std::int64_t> axis_of(const Node* reduction) {
  const auto axes = integers(reduction->input(1));
  if (!axes || axes->size() != 1 || reduction->integer("keepdims", 1) == 0) return std::nullopt;
  return axes->front();
}

bool fuse(const Match& m, Edit& edit) {
  const auto axis = axis_of(m.maker("s"));
  if (!axis || !is_float(m.value("x")->dtype)) return false;
  Node* softmax = edit.add("Softmax", {m.value("x")}, m.value("y")->name);
  edit.set_attribute(softmax, "axis", *axis);
  return edit.replace(m.value("y"), softmax->outputs[0]);
}
bool fuse_shifted(const Match& m, Edit& edit) { return axis_of(m.maker("m")) == axis_of(m.maker("s")) && fuse(m, edit); }

bool unflatten(const Match& m, Edit& edit) {
  const Value *x = m.value("x"), *y = m.value("y");
  const Node *flatten = m.maker("f"), *softmax = m.maker("s");
  const std::int64_t axis = softmax->integer("axis", -1), from = flatten->integer("axis", 1);
  if (!x->shape.ranked || !y->shape.ranked || !std::ranges::equal(x->shape.dims, y->shape.dims, &Dim::same)) return false;
  if ((axis != -1 && axis != 1) || (from != -1 && from != static_cast<std::int64_t>(x->shape.rank()) - 1)) return false;
  Node* direct = edit.add(softmax->op, {m.value("x")}, y->name);
  edit.set_attribute(direct, "axis", std::int64_t{-1});
  return edit.replace(m.value("y"), direct->outputs[0]);
}

constexpr Rule rules[] = {{R"(
  m = ReduceMax (x, const axes)
  d = Sub (x, m)
  e = Exp (d)
  s = ReduceSum (e, const axes2)
  y = Div (e, s)
)", fuse_shifted}, {R"(
  e = Exp (x)
  s = ReduceSum (e, const axes)
  y = Div (e, s)
)", fuse}, {R"(
  f = Flatten (x)
  s = Softmax|LogSoftmax|Hardmax (f)
  y = Reshape (s, shape)
)", unflatten}};

}  // namespace

extern const Pass fuse_softmax_pass{.name = "fuse-softmax", .help = "make a softmax that is spelt out one node", .rules = rules, .approximate = true};

}  // namespace hone
