// SPDX-License-Identifier: Apache-2.0
// An If whose condition is a constant becomes the branch that it takes.
//
//   y = If (true) <then_branch = { t = Relu (x) => t }, ...>     =>     y = Relu (x)
//
// Declines when a result must be a main graph's output and the branch returns something that cannot take its name.
#include <algorithm>
#include <utility>

#include "lib/rewrite/graph_edit.h"
#include "lib/rewrite/weights.h"

namespace hone {
namespace {

// Moves every node and constant of `body` before `owner`, under names that are free there; body.outputs then names the new values.
void hoist(Graph& body, Graph& graph, Node* owner) {
  for (Value* v : body.values()) {
    if (!v->constant) continue;
    body.replace_uses(v, new_constant(graph, v->name, *v->constant));
  }
  for (Node* old : body.nodes()) {
    std::vector<Value*> outputs;
    for (const Value* v : old->outputs) outputs.push_back(v ? new_value(graph, v->name) : nullptr);
    Node* node = graph.add(old->op, old->domain, old->inputs, outputs, owner);
    node->name = old->name;
    node->schema = old->schema;
    node->doc = old->doc;
    node->opaque = old->opaque;
    node->attributes = std::move(old->attributes);
    old->attributes.clear();
    node->each_body([&](Graph& inner) { inner.owner = node; });
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i]) continue;
      outputs[i]->dtype = old->outputs[i]->dtype;
      outputs[i]->shape = old->outputs[i]->shape;
      outputs[i]->element = old->outputs[i]->element;
      body.replace_uses(old->outputs[i], outputs[i]);
    }
  }
}

bool fold(Graph& graph, Node* node) {
  const Value* condition = node->input(0);
  if (!node->is("If") || !condition || !is_fixed(condition)) return false;
  const auto taken = scalar(&*condition->constant);
  Graph* body = taken ? node->body(*taken != 0 ? "then_branch" : "else_branch") : nullptr;
  if (!body || body->outputs.size() != node->outputs.size()) return false;
  for (std::size_t i = 0; i < node->outputs.size(); ++i) {  // what hoisting makes is made in this graph, so only captures matter
    const Value *from = node->outputs[i], *to = body->outputs[i];
    if (!from || !is_returned(from)) continue;
    if (std::ranges::count(graph.outputs, from) != 1 || to->graph != body || std::ranges::count(body->outputs, to) > 1) return false;
  }
  hoist(*body, graph, node);
  const std::vector<Value*> results = std::exchange(body->outputs, {});  // no longer returned from there
  for (std::size_t i = 0; i < results.size(); ++i)
    if (node->outputs[i] && (!node->outputs[i]->users.empty() || is_returned(node->outputs[i]))) replace_value(node->outputs[i], results[i]);
  graph.erase(node);
  return true;
}

Result<int> run(Graph& graph) {
  int folded = 0;
  each_graph(graph, [&](Graph& g) {
    for (Node* node : std::vector<Node*>(g.nodes())) folded += fold(g, node);
  });
  if (folded > 0) graph.drop_dead();
  return folded;
}

}  // namespace

extern const Pass fold_if_pass{.name = "fold-if", .help = "replace an If with a constant condition by the branch it takes", .run = run, .evaluates = true};

}  // namespace hone
