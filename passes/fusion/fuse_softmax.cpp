// SPDX-License-Identifier: Apache-2.0
// A softmax spelt out becomes Softmax.
//
//   m = ReduceMax (x, [1])   d = Sub (x, m)   e = Exp (d)   s = ReduceSum (e, [1])   y = Div (e, s)     =>     y = Softmax <axis = 1> (x)
//   e = Exp (x)   s = ReduceSum (e, [1])   y = Div (e, s)                                               =>     the same
//
// Without the maximum the original overflows for x above 88, where Softmax does not: the fused form is the better one there.
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
)", fuse}};

}  // namespace

extern const Pass fuse_softmax_pass{.name = "fuse-softmax", .help = "make a softmax that is spelt out one node", .rules = rules, .approximate = true};

}  // namespace hone
