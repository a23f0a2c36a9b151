// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/lanes.h"

#include <algorithm>

namespace hone {

Status infer_lanes(InferCall& c) {
  if (c.shape(0).ranked) CHECK_OK(normalize_axis(c.node.integer("axis", -1), c.shape(0).rank()));
  return infer_same(c);
}

//   y = Softmax <axis> (x)   =>   flat = Flatten <axis> (x)   t = Softmax <axis = -1> (flat)   y = Reshape (t, Shape (x))
Status upgrade_lanes(Graph& g, Node& n, int opset) {
  if (opset >= 13) return Ok{};
  Value* x = n.input(0);
  const std::int64_t axis = n.integer("axis", 1);
  n.attributes.insert_or_assign("axis", std::int64_t{-1});
  const auto rank = static_cast<std::int64_t>(x->shape.rank());
  if (!n.output(0) || (x->shape.ranked && (axis == rank - 1 || axis == -1))) return Ok{};
  Value* flat = g.value(x->name + "_flat");
  add_before(g, n, "Flatten", {x}, flat)->attributes.emplace("axis", axis);
  Value* shape = g.value(x->name + "_shape");
  add_before(g, n, "Shape", {x}, shape);
  g.set_input(&n, 0, flat);
  Value* y = divert_output(g, n, 0);
  Node* back = add_after(g, n, "Reshape", {n.output(0), shape}, y);
  // A dimension 0 is meant, not copied from `flat`, which has fewer axes. Opsets before 14 cannot say that: only where it is needed.
  if (std::ranges::find(x->shape.dims, 0, &Dim::value) != x->shape.dims.end()) back->attributes.emplace("allowzero", std::int64_t{1});
  return Ok{};
}

}  // namespace hone
