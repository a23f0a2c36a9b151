// SPDX-License-Identifier: Apache-2.0
// Slices in a row along different axes become one.
//
//   t = Slice (x, [1], [3], [2])
//   y = Slice (t, [0], [2], [3])     =>     y = Slice (x, [1, 0], [3, 2], [2, 3])
#include <algorithm>

#include "lib/rewrite/weights.h"
#include "lib/rewrite/pass.h"

namespace hone {
namespace {

struct Cut {
  std::vector<std::int64_t> starts, ends, axes, steps;
};

// The constants of a Slice, axes from 0; nothing when one is missing.
std::optional<Cut> cut_of(const Node* slice) {
  const Shape& shape = slice->inputs[0]->shape;
  const auto starts = integers(slice->input(1)), ends = integers(slice->input(2)), axes = integers(slice->input(3)), steps = integers(slice->input(4));
  if (!starts || !ends || !shape.ranked || (slice->input(3) && !axes) || (slice->input(4) && !steps)) return std::nullopt;
  if (ends->size() != starts->size() || (axes && axes->size() != starts->size()) || (steps && steps->size() != starts->size())) return std::nullopt;
  Cut cut{*starts, *ends, {}, steps ? *steps : std::vector<std::int64_t>(starts->size(), 1)};
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const auto axis = normalize_axis(axes ? (*axes)[i] : static_cast<std::int64_t>(i), shape.rank());
    if (!axis) return std::nullopt;
    cut.axes.push_back(static_cast<std::int64_t>(*axis));
  }
  return cut;
}

bool merge(const Match& m, Edit& edit) {
  auto first = cut_of(m.maker("t"));
  const auto second = cut_of(m.maker("y"));
  if (!first || !second) return false;
  for (const std::int64_t axis : second->axes)
    if (std::ranges::find(first->axes, axis) != first->axes.end()) return false;
  std::vector<Value*> inputs{m.value("x")};
  std::size_t i = 1;
  for (const auto part : {&Cut::starts, &Cut::ends, &Cut::axes, &Cut::steps}) {
    std::vector<std::int64_t>& all = (*first).*part;
    all.insert(all.end(), ((*second).*part).begin(), ((*second).*part).end());
    if (part == &Cut::steps && std::ranges::all_of(all, [](std::int64_t s) { return s == 1; })) break;
    const Value* like = m.maker("y")->input(i++);
    inputs.push_back(edit.constant(like ? like : m.value("y"), Tensor::vector<std::int64_t>(all)));
  }
  return edit.replace(m.value("y"), edit.add("Slice", std::move(inputs), m.value("y")->name)->outputs[0]);
}

constexpr Rule rules[] = {{R"(
  t = Slice (x, const a, const b, const c?, const d?)
  y = Slice (t, const e, const f, const g?, const h?)
)", merge}};

}  // namespace

extern const Pass merge_slices_pass{.name = "merge-slices", .help = "merge Slices in a row along different axes", .rules = rules};

}  // namespace hone
