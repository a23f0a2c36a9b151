// SPDX-License-Identifier: Apache-2.0
// Folds a Pad by zeros over the spatial axes into the Conv or pool after it.
//
//   t = Pad (x, [0, 0, 1, 1, 0, 0, 1, 1])
//   y = Conv <pads = [0, 0, 0, 0]> (t, W)     =>     y = Conv <pads = [1, 1, 1, 1]> (x, W)
//
// AveragePool must count its padding, or have none yet: then it is told to count. MaxPool pads with minus infinity, so the Pad must do
// that, or x must come from a node that returns nothing negative (zero padding then never wins over a real pixel that is larger, and
// every window has a real pixel). Declines for negative pads (a crop) and automatic padding.
#include <algorithm>
#include <array>
#include <cmath>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

// The pads of a constant Pad over the spatial axes, begins then ends; nothing when it does more than that.
std::optional<std::vector<std::int64_t>> spatial_pads(const Match& m) {
  const Node* pad = m.node("Pad");
  const Shape& shape = m.value("x")->shape;
  auto pads = integers(m.value("pads"));
  if (!pads || !shape.ranked || shape.rank() < 3 || pad->text("mode", "constant") != "constant") return std::nullopt;
  const std::size_t rank = shape.rank();
  std::vector<std::int64_t> full(2 * rank, 0);
  const auto axes = integers(m.value("axes"));
  if (m.value("axes") && !axes) return std::nullopt;
  const std::size_t n = axes ? axes->size() : rank;
  if (pads->size() != 2 * n) return std::nullopt;
  for (std::size_t i = 0; i < n; ++i) {
    const auto axis = normalize_axis(axes ? (*axes)[i] : static_cast<std::int64_t>(i), rank);
    if (!axis) return std::nullopt;
    full[*axis] = (*pads)[i];
    full[rank + *axis] = (*pads)[n + i];
  }
  if (full[0] != 0 || full[1] != 0 || full[rank] != 0 || full[rank + 1] != 0) return std::nullopt;
  if (std::ranges::any_of(full, [](std::int64_t p) { return p < 0; })) return std::nullopt;
  full.erase(full.begin() + static_cast<std::ptrdiff_t>(rank), full.begin() + static_cast<std::ptrdiff_t>(rank) + 2);
  full.erase(full.begin(), full.begin() + 2);
  return full;
}

bool padded_with(const Match& m, double value) { return m.value("value") ? is_scalar(m.constant("value"), value) : value == 0; }

// What the node pads itself. VALID overrules what `pads` says.
std::vector<std::int64_t> old_pads(const Node& node, std::size_t n) {
  const std::vector<std::int64_t> none(n, 0);
  return node.text("auto_pad", "NOTSET") == "VALID" ? none : node.integers("pads", none);
}

// Adds the pads to those of the node after the Pad and takes the Pad's input.
bool absorb(const Match& m, Edit& edit) {
  Node* node = m.maker("y");
  auto pads = spatial_pads(m);
  if (!pads || (node->text("auto_pad", "NOTSET") != "NOTSET" && node->text("auto_pad", "NOTSET") != "VALID")) return false;
  const std::vector<std::int64_t> old = old_pads(*node, pads->size());
  if (old.size() != pads->size()) return false;
  for (std::size_t i = 0; i < old.size(); ++i) (*pads)[i] += old[i];
  edit.set_attribute(node, "pads", *pads);
  edit.drop_attribute(node, "auto_pad");
  edit.set_input(node, 0, m.value("x"));
  return true;
}

// Pools refuse pads as large as the kernel.
bool within_kernel(const Match& m) {
  const auto pads = spatial_pads(m);
  const Node* node = m.maker("y");
  const std::vector<std::int64_t> kernel = node->integers("kernel_shape"), old = old_pads(*node, 2 * kernel.size());
  if (!pads || pads->size() != 2 * kernel.size() || old.size() != pads->size()) return false;
  for (std::size_t i = 0; i < pads->size(); ++i)
    if ((*pads)[i] + old[i] >= kernel[i % kernel.size()]) return false;
  return true;
}

bool into_conv(const Match& m, Edit& edit) { return padded_with(m, 0) && absorb(m, edit); }

bool into_average(const Match& m, Edit& edit) {
  Node* pool = m.maker("y");
  const std::vector<std::int64_t> old = old_pads(*pool, 0);
  const bool none = std::ranges::all_of(old, [](std::int64_t p) { return p == 0; });
  if (!padded_with(m, 0) || pool->integer("ceil_mode") != 0 || (pool->integer("count_include_pad") == 0 && !none) || !within_kernel(m)) return false;
  edit.set_attribute(pool, "count_include_pad", std::int64_t{1});
  return absorb(m, edit);
}

bool into_max(const Match& m, Edit& edit) {
  static constexpr std::array<std::string_view, 4> positive{"Abs", "Relu", "Sigmoid", "Softmax"};
  const Node* maker = m.value("x")->producer;
  const bool safe = padded_with(m, -INFINITY) || (padded_with(m, 0) && maker && maker->domain.empty() && std::ranges::binary_search(positive, maker->op));
  const std::vector<std::int64_t> dilations = m.maker("y")->integers("dilations");
  if (std::ranges::any_of(dilations, [](std::int64_t d) { return d != 1; }) || m.maker("y")->integer("ceil_mode") != 0) return false;
  return safe && within_kernel(m) && absorb(m, edit);
}

constexpr Rule rules[] = {
    {R"(
  t = Pad (x, const pads, const value?, const axes?)
  y = Conv (t, W, b?)
)", into_conv},
    {R"(
  t = Pad (x, const pads, const value?, const axes?)
  y = AveragePool (t)
)", into_average},
    {R"(
  t = Pad (x, const pads, const value?, const axes?)
  y = MaxPool (t)
)", into_max},
};

}  // namespace

extern const Pass fold_pad_pass{.name = "fold-pad", .help = "fold a Pad into the Conv or pool after it", .rules = rules};

}  // namespace hone
