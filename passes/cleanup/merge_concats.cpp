// SPDX-License-Identifier: Apache-2.0
// A Concat of Concats along the same axis becomes one.
//
//   t = Concat <axis = 1> (a, b)
//   y = Concat <axis = 1> (t, c)     =>     y = Concat <axis = 1> (a, b, c)
//
// Declines when something else uses t: it would have to be made all the same.
#include "lib/rewrite/graph_edit.h"

namespace hone {
namespace {

std::optional<std::size_t> axis_of(const Node& concat) {
  const Shape& shape = concat.outputs[0]->shape;
  const std::int64_t axis = concat.integer("axis");
  if (axis >= 0) return static_cast<std::size_t>(axis);
  if (!shape.ranked) return std::nullopt;
  const auto a = normalize_axis(axis, shape.rank());
  return a ? std::optional(*a) : std::nullopt;
}

bool joins(const Node& outer, const Value* v) {
  const Node* inner = v->producer;
  return inner && inner->is("Concat") && inner->graph == outer.graph && v->users.size() == 1 && !is_returned(v) && axis_of(*inner) &&
         axis_of(*inner) == axis_of(outer);
}

bool merge(Graph& graph, Node* outer) {
  for (std::size_t i = 0; i < outer->inputs.size(); ++i) {
    if (!joins(*outer, outer->inputs[i])) continue;
    Value* joined = outer->inputs[i];
    std::vector<Value*> inputs = outer->inputs;
    const std::vector<Value*> inner = joined->producer->inputs;
    inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(i));
    inputs.insert(inputs.begin() + static_cast<std::ptrdiff_t>(i), inner.begin(), inner.end());
    for (std::size_t k = 0; k < inputs.size(); ++k) graph.set_input(outer, k, inputs[k]);
    erase_unused({joined});
    return true;
  }
  return false;
}

Result<int> run(Graph& graph) {
  int merged = 0;
  each_graph(graph, [&](Graph& g) {
    std::vector<Node*> concats;
    for (Node* n : g.nodes())
      if (n->is("Concat")) concats.push_back(n);
    for (std::size_t i = concats.size(); i-- > 0;)  // the last first: what it swallows comes before it
      while (std::ranges::find(g.nodes(), concats[i]) != g.nodes().end() && merge(g, concats[i])) ++merged;
  });
  return merged;
}

}  // namespace

extern const Pass merge_concats_pass{.name = "merge-concats", .help = "merge a Concat into the Concat that uses it", .run = run};

}  // namespace hone
