// SPDX-License-Identifier: Apache-2.0
// Relu, Clip, Min and Max by single numbers in a row become one Clip; a Clip at 0 alone becomes a Relu.
//
//   t = Relu (x)   y = Clip (t, -1, 6)          =>     y = Clip (x, 0, 6)
//   t = Max (x, 0) y = Min (t, 6)               =>     y = Clip (x, 0, 6)
//   y = Clip (x, 0)                             =>     y = Relu (x)
//
// Declines when the bounds exclude each other: then the order of the two nodes decides the result.
#include <cmath>

#include "lib/rewrite/pass.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

struct Bounds {
  double low = -INFINITY, high = INFINITY;
};

// Of Relu, Clip, or Min or Max with one constant number.
std::optional<Bounds> bounds_of(const Node* node, const Value* x) {
  if (node->is("Relu")) return Bounds{0, INFINITY};
  Bounds b;
  const auto number = [](const Value* v) { return scalar(&*v->constant); };
  if (node->is("Clip")) {
    const auto low = node->input(1) ? number(node->input(1)) : b.low, high = node->input(2) ? number(node->input(2)) : b.high;
    if (!low || !high || std::isnan(*low) || std::isnan(*high)) return std::nullopt;
    return Bounds{*low, *high};
  }
  const Value* c = node->inputs[0] == x ? node->inputs[1] : node->inputs[0];
  const auto bound = c->constant ? number(c) : std::nullopt;
  const std::size_t rank = c->constant ? c->constant->rank() : 0;
  if (!bound || std::isnan(*bound) || (rank > 0 && (!x->shape.ranked || rank > x->shape.rank()))) return std::nullopt;
  (node->is("Max") ? b.low : b.high) = *bound;
  return b;
}

bool write(const Match& m, Edit& edit, Bounds b) {
  Value *x = m.value("x"), *y = m.value("y");
  if (x->dtype != DType::f32 && x->dtype != DType::f64 && x->dtype != DType::f16) return false;
  std::vector<Value*> inputs{x};
  const bool relu = b.low == 0 && b.high == INFINITY;
  const auto bound = [&](double v, std::string_view name) {
    Value like;
    like.name = format("{}_{}", y->name, name);
    const double one[] = {v};
    return edit.constant(&like, from_doubles(x->dtype, {}, one));
  };
  if (!relu) inputs.push_back(b.low == -INFINITY ? nullptr : bound(b.low, "min"));
  if (!relu && b.high != INFINITY) inputs.push_back(bound(b.high, "max"));
  Node* node = edit.add(relu ? "Relu" : "Clip", std::move(inputs), y->name);
  return edit.replace(y, node->outputs[0]);
}

bool merge(const Match& m, Edit& edit) {
  const auto first = bounds_of(m.maker("t"), m.value("x")), second = bounds_of(m.maker("y"), m.value("t"));
  if (!first || !second) return false;
  const Bounds both{std::max(first->low, second->low), std::min(first->high, second->high)};
  return both.low <= both.high && write(m, edit, both);
}

bool simplify(const Match& m, Edit& edit) {
  const auto b = bounds_of(m.maker("y"), m.value("x"));
  return b && b->low == 0 && b->high == INFINITY && write(m, edit, *b);
}

constexpr Rule rules[] = {
    {"t = Relu (x)\n y = Relu (t)", merge},
    {"t = Relu (x)\n y = Clip (t, const low?, const high?)", merge},
    {"t = Clip (x, const low?, const high?)\n y = Relu (t)", merge},
    {"t = Clip (x, const low?, const high?)\n y = Clip (t, const low2?, const high2?)", merge},
    {"t = Min|Max (x, const a)\n y = Min|Max (t, const b)", merge},
    {"t = Relu (x)\n y = Min|Max (t, const b)", merge},
    {"y = Clip (x, const low, const high?)", simplify},
    {"y = Max (x, const a)", simplify},
};

}  // namespace

extern const Pass fuse_clip_pass{.name = "fuse-clip", .help = "make Relu, Clip, Min and Max in a row one Clip or Relu", .rules = rules};

}  // namespace hone
