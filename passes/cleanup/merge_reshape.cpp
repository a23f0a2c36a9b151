// SPDX-License-Identifier: Apache-2.0
// Reshape, Flatten, Squeeze and Unsqueeze in a row become one.
//
//   t = Flatten (x)
//   y = Reshape (t, [-1, 4])     =>     y = Reshape (x, [-1, 4])
//
// Declines when the last shape has two unknown dimensions (Reshape can say -1 once), or zeros, which would copy x's dimensions.
#include <algorithm>

#include "lib/rewrite/matcher.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

// The target that gives y's shape from any tensor with as many elements.
std::optional<std::vector<std::int64_t>> target(const Shape& shape) {
  if (!shape.ranked) return std::nullopt;
  std::vector<std::int64_t> dims;
  for (const Dim& d : shape.dims) {
    if (d.known() && d.value == 0) return std::nullopt;
    dims.push_back(d.known() ? d.value : -1);
  }
  return std::ranges::count(dims, -1) > 1 ? std::nullopt : std::optional(dims);
}

bool merge(const Match& m, Edit& edit) {
  const Value* y = m.value("y");
  Node* last = m.maker("y");
  auto dims = last->is("Reshape") ? integers(m.value("b")) : std::nullopt;  // its own target, before what is only declared
  if (!dims || std::ranges::find(*dims, 0) != dims->end()) dims = target(y->shape);
  if (!dims) return false;
  // One more axis of size 1, or one less, needs no Reshape node: but a chain of two does not say which, so Reshape it is.
  const Value* like = m.value("b") ? m.value("b") : m.value("a") ? m.value("a") : y;
  Node* reshape = edit.add("Reshape", {m.value("x"), edit.constant(like, Tensor::vector<std::int64_t>(*dims))}, y->name);
  return edit.replace(m.value("y"), reshape->outputs[0]);
}

constexpr Rule rules[] = {{R"(
  t = Reshape|Flatten|Squeeze|Unsqueeze (x, a?)
  y = Reshape|Flatten|Squeeze|Unsqueeze (t, b?)
)", merge}};

}  // namespace

extern const Pass merge_reshape_pass{.name = "merge-reshape", .help = "merge Reshape, Flatten, Squeeze and Unsqueeze in a row", .rules = rules};

}  // namespace hone
