// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "lib/ir/graph.h"

namespace hone {
namespace {

Status verify_graph(const Graph& graph, std::set<const Value*> visible) {
  std::set<std::string_view> names;
  for (const Graph* g = graph.parent(); g; g = g->parent())
    for (const Value* v : g->values()) names.insert(v->name);
  for (const Value* v : graph.values()) {
    if (v->name.empty()) return bug("a value has an empty name");
    if (!names.insert(v->name).second) return bug("two values are named '{}'", v->name);
    if (graph.find(v->name) != v) return bug("value '{}' is not found under its name", v->name);
    if (v->graph != &graph) return bug("value '{}' does not know its graph", v->name);
    if (v->producer && v->constant) return bug("value '{}' is a constant and has a producer", v->name);
    if (v->constant || std::ranges::find(graph.inputs, v) != graph.inputs.end()) visible.insert(v);
  }
  for (const Node* node : graph.nodes()) {
    if (node->graph != &graph) return bug("{} does not know its graph", describe(*node));
    for (const Value* v : node->inputs) {
      if (!v) continue;
      if (!visible.contains(v)) return bug("{} reads '{}' before it is made or out of its scope", describe(*node), v->name);
      if (std::ranges::count(v->users, node) != std::ranges::count(node->inputs, v)) return bug("{} and '{}' disagree on its uses", describe(*node), v->name);
    }
    Status bodies = Ok{};
    node->each_body([&](Graph& body) {
      if (!bodies) return;
      bodies = body.owner == node ? verify_graph(body, visible) : Status(bug("{} is not the owner of its body", describe(*node)));
    });
    CHECK_OK(std::move(bodies));
    for (const Value* v : node->outputs) {
      if (!v) continue;
      if (v->producer != node) return bug("{} is not the producer of its output '{}'", describe(*node), v->name);
      visible.insert(v);
    }
  }
  for (const Value* v : graph.outputs)
    if (!v || !visible.contains(v)) return bug("graph output '{}' is never made", v ? v->name : "");
  return Ok{};
}

}  // namespace

Status verify(const Graph& graph) { return verify_graph(graph, {}); }

}  // namespace hone
