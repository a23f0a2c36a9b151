// SPDX-License-Identifier: Apache-2.0
// Values whose content follows from shapes that are known become constants: Shape, Size, and what Gather, Slice, Concat, arithmetic and
// comparisons make of them.
//
//   s = Shape (x)              x is float[N,3,8,8]
//   h = Gather (s, [2])   =>   h is the constant [8]
//
// A Reshape whose target is known but for one number gets that number as -1, and 0 where x has the very dimension in that place:
//
//   y = Reshape (x, [N, 64])   =>   y = Reshape (x, [-1, 64])
#include <algorithm>

#include "lib/ops/infer.h"
#include "lib/rewrite/graph_edit.h"

namespace hone {
namespace {

// Small results only (a shape, a mask of a few bytes): fold-constants weighs larger ones.
constexpr std::size_t largest = 256;

int replace_known(Graph& graph, const Facts& facts) {
  int folded = 0;
  for (Node* node : std::vector<Node*>(graph.nodes())) {
    if (!node->schema || !node->schema->deterministic || std::ranges::all_of(node->inputs, [](const Value* v) { return !v || is_fixed(v); })) continue;
    for (Value* v : std::vector<Value*>(node->outputs)) {
      if (!v || (v->users.empty() && !is_returned(v))) continue;
      const auto it = facts.find(v);
      if (it == facts.end() || !it->second.constant || bits(it->second.constant->dtype()) == 0) continue;
      if (it->second.constant->bytes().size() > largest) continue;
      Value* constant = new_constant(graph, v->name, *it->second.constant);
      if (can_replace(v, constant)) replace_value(v, constant), ++folded;
      else graph.erase(constant);
    }
  }
  return folded;
}

// The constant target of a Reshape of x, or nothing.
std::optional<std::vector<std::int64_t>> target(const Fact& x, const std::vector<Dim>& wanted) {
  std::vector<std::int64_t> dims;
  bool inferred = false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const bool copied = x.shape.ranked && i < x.shape.rank() && wanted[i].same(x.shape.dims[i]);
    if (wanted[i].known() && wanted[i].value == 0) return std::nullopt;
    if (wanted[i].known()) dims.push_back(wanted[i].value);
    else if (copied && std::ranges::count_if(wanted, [](const Dim& d) { return !d.known(); }) > 1) dims.push_back(0);
    else if (!inferred) dims.push_back(-1), inferred = true;
    else return std::nullopt;
  }
  return dims;
}

int settle_reshapes(Graph& graph, const Facts& facts) {
  int folded = 0;
  for (Node* node : std::vector<Node*>(graph.nodes())) {
    if (!node->is("Reshape") || !node->input(1) || is_fixed(node->input(1)) || node->integer("allowzero") != 0) continue;
    const auto x = facts.find(node->input(0)), shape = facts.find(node->input(1));
    if (x == facts.end() || shape == facts.end() || !shape->second.content) continue;
    const auto dims = target(x->second, *shape->second.content);
    if (!dims) continue;
    Value* old = node->input(1);
    graph.set_input(node, 1, new_constant(graph, old->name, Tensor::vector<std::int64_t>(*dims)));
    ++folded;
  }
  return folded;
}

Result<int> run(Graph& graph) {
  Facts given;  // a default that a caller may override is not known
  for (const Value* v : graph.inputs)
    if (v->constant) given[v] = Fact{v->dtype, v->shape, {}, {}};
  TRY(const Facts facts, infer(graph, std::move(given)));
  int folded = 0;
  each_graph(graph, [&](Graph& g) { folded += replace_known(g, facts) + settle_reshapes(g, facts); });
  if (folded > 0) graph.drop_dead();
  return folded;
}

}  // namespace

extern const Pass fold_shapes_pass{.name = "fold-shapes", .help = "replace shape arithmetic whose result is known by constants", .run = run, .evaluates = true};

}  // namespace hone
