// SPDX-License-Identifier: Apache-2.0
// Float fusions into the operators of domain hone:
//   t = hone.Conv(x, w, b)       y = Add(t, r)       =>   y = hone.Conv(x, w, b, r)      r has t's own shape
//   t = hone.Conv|Gemm|Add(...)  y = Relu|Clip(t)    =>   y = the same with low and high
//   t = MatMul(x, B)             y = Add(t, c)       =>   y = hone.Gemm(x, B, c)         B and c constant, c along the last axis
// A standard Gemm or Add becomes its hone form when an activation follows.
#include <cmath>

#include "lib/exec/lower.h"
#include "lib/kernels/params.h"

namespace hone {
namespace {

bool is_row(const Value* v, const Dim& n) {
  return v && v->constant && v->dtype == DType::f32 && n.known() && v->constant->rank() > 0 && v->constant->count() == n.value && v->constant->dims().back() == n.value;
}

// Certainly the same shape, so that an addition broadcasts nothing.
bool same_shape(const Value* a, const Value* b) {
  if (!a->shape.ranked || !b->shape.ranked || a->shape.rank() != b->shape.rank()) return false;
  return std::ranges::equal(a->shape.dims, b->shape.dims, [](const Dim& x, const Dim& y) { return x.same(y); });
}

// The bounds of an activation with constant ones.
std::optional<Clamp> activation(const Node& n) {
  if (n.is("Relu")) return Clamp{.low = 0};
  if (!n.is("Clip")) return std::nullopt;
  Clamp c;
  for (const std::size_t i : {1, 2}) {
    if (!n.input(i)) continue;
    const auto bound = scalar(n.input(i));
    if (!bound || std::isnan(*bound)) return std::nullopt;
    (i == 1 ? c.low : c.high) = *bound;
  }
  return c.low <= c.high ? std::optional(c) : std::nullopt;
}

class Fusion {
 public:
  explicit Fusion(Graph& graph) : graph_(graph) {}

  void run() {
    const std::vector<Node*> nodes = graph_.nodes();
    for (Node* node : nodes) {
      if (node->outputs.size() != 1 || !node->output(0) || node->output(0)->dtype != DType::f32) continue;
      if (node->is("Add")) static_cast<void>(residual(node) || bias(node));
      else activate(node);
    }
  }

 private:
  // The maker of v, when it can be merged into v's only user.
  Node* maker(const Value* v, std::string_view op, std::string_view domain) const {
    Node* m = v ? v->producer : nullptr;
    return m && m->graph == &graph_ && m->is(op, domain) && is_inner(v) ? m : nullptr;
  }
  // `user` becomes what `maker` was, with these inputs.
  Node* merge(Node* maker, Node* user, std::vector<Value*> inputs, std::string_view op, std::string_view domain) {
    Node* merged = supersede(graph_, user, op, domain, std::move(inputs));
    merged->attributes = std::move(maker->attributes);
    merged->name = maker->name;
    graph_.erase(maker);
    return merged;
  }

  bool residual(Node* add) {
    for (const std::size_t i : {1, 0}) {
      Node* conv = maker(add->input(i), "Conv", "hone");
      Value* other = add->input(1 - i);
      if (!conv || conv->input(3) || conv->attributes.contains("low") || other == add->input(i) || !same_shape(add->input(i), other)) continue;
      merge(conv, add, {conv->input(0), conv->input(1), conv->input(2), other}, "Conv", "hone");
      return true;
    }
    return false;
  }

  bool bias(Node* add) {
    for (const std::size_t i : {0, 1}) {
      Node* product = maker(add->input(i), "MatMul", "");
      Value* row = add->input(1 - i);
      if (!product || !add->input(i)->shape.ranked || add->input(i)->shape.rank() < 2) continue;
      const Value *x = product->input(0), *b = product->input(1);
      if (!b->constant || b->constant->rank() != 2 || !x->shape.ranked || x->shape.rank() < 2) continue;
      if (!is_row(row, add->input(i)->shape.dims.back()) || row->constant->rank() > add->input(i)->shape.rank()) continue;
      merge(product, add, {product->input(0), product->input(1), row}, "Gemm", "hone");
      return true;
    }
    return false;
  }

  // The hone form of the node that makes v, or of what can become one.
  struct Fusible {
    Node* node;
    std::string_view op;
  };
  std::optional<Fusible> fusible(const Value* v) const {
    for (const std::string_view op : {"Conv", "Gemm", "Add"})
      if (Node* n = maker(v, op, "hone")) return Fusible{n, op};
    if (Node* n = maker(v, "Add", "")) return Fusible{n, "Add"};
    if (Node* n = maker(v, "MatMul", ""); n && n->input(1)->constant && n->input(1)->constant->rank() == 2 && n->input(0)->shape.ranked && n->input(0)->shape.rank() >= 2)
      return Fusible{n, "Gemm"};
    Node* n = maker(v, "Gemm", "");
    if (!n || n->integer("transA") != 0 || !n->input(1)->constant || !v->shape.ranked) return std::nullopt;
    if (n->input(2) && (n->number("beta", 1) != 1 || !is_row(n->input(2), v->shape.dims[1]))) return std::nullopt;
    return Fusible{n, "Gemm"};
  }

  void activate(Node* node) {
    const auto clamp = activation(*node);
    const auto before = clamp ? fusible(node->input(0)) : std::nullopt;
    if (!before) return;
    std::vector<Value*> inputs = before->node->inputs;
    Node* merged = merge(before->node, node, std::move(inputs), before->op, "hone");
    for (const std::string_view gone : {"beta", "transA"})
      if (const auto it = merged->attributes.find(gone); it != merged->attributes.end()) merged->attributes.erase(it);
    // clip(clip(x, a, b), c, d) = clip(x, clip(a, c, d), clip(b, c, d))
    const float low = merged->number("low", Clamp{}.low), high = merged->number("high", Clamp{}.high);
    merged->attributes["low"] = std::clamp(low, clamp->low, clamp->high);
    merged->attributes["high"] = std::clamp(high, clamp->low, clamp->high);
  }

  Graph& graph_;
};

}  // namespace

Status lower_fusion(Graph& graph) {
  Fusion(graph).run();
  return Ok{};
}

}  // namespace hone
