// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/graph_edit.h"

#include <algorithm>

#include "lib/ops/op.h"

namespace hone {

void each_graph(Graph& graph, const std::function<void(Graph&)>& f) {
  for (Node* n : std::vector<Node*>(graph.nodes())) n->each_body([&](Graph& body) { each_graph(body, f); });
  f(graph);
}

static bool named_below(const Graph& graph, std::string_view name) {
  bool found = false;
  for (const Node* n : graph.nodes()) n->each_body([&](const Graph& body) { found = found || body.find(name) || named_below(body, name); });
  return found;
}
std::string free_name(const Graph& graph, std::string_view hint) {
  std::string candidate(hint);
  for (int i = 1; graph.lookup(candidate) || named_below(graph, candidate); ++i) candidate = format("{}_{}", hint, i);
  return candidate;
}

Value* new_constant(Graph& graph, std::string_view hint, Tensor t) { return graph.constant(free_name(graph, hint), std::move(t)); }
Value* new_value(Graph& graph, std::string_view hint) { return graph.value(free_name(graph, hint)); }

bool infer_node(Node& node) {
  if (!node.schema || !node.schema->infer) return true;
  std::vector<Fact> facts(node.inputs.size()), out(node.outputs.size());
  std::vector<const Fact*> in;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Value* v = node.inputs[i];
    if (v) facts[i] = {v->dtype, v->shape, v->constant, {}, v->element};
    in.push_back(v ? &facts[i] : nullptr);
  }
  InferCall call(node, in, out);
  if (!node.schema->infer(call)) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    Value* v = node.outputs[i];
    if (!v) continue;
    if (v->dtype == DType::undefined) v->dtype = out[i].dtype;
    if (!v->element) v->element = out[i].element;
    if (!v->shape.known() && out[i].shape.ranked) v->shape = out[i].shape;
  }
  return true;
}

Node* new_node(Graph& graph, std::string_view op, std::vector<Value*> inputs, std::vector<Value*> outputs, Node* before, std::string_view domain) {
  Node* node = graph.add(op, domain, std::move(inputs), std::move(outputs), before);
  node->schema = find_op(op, domain);
  infer_node(*node);  // whoever runs the pass checks the whole graph and says what is wrong
  return node;
}

bool can_replace(const Value* from, const Value* to) {
  if (from == to) return false;
  if (!is_returned(from)) return true;
  const Graph& graph = *from->graph;
  const bool made_here = to->graph == &graph && (to->producer || is_fixed(to));
  return made_here && graph.is_output(from) && std::ranges::count(graph.outputs, from) == 1 && !is_returned(to);
}

void replace_value(Value* from, Value* to) {
  assert(can_replace(from, to));
  Graph& graph = *from->graph;
  const bool keeps_name = graph.is_output(from) && !graph.owner;
  graph.replace_uses(from, to);
  if (to->dtype == DType::undefined) to->dtype = from->dtype;
  if (!to->shape.ranked) to->shape = from->shape;
  if (!to->element) to->element = from->element;
  if (!keeps_name) return;
  const std::string name = from->name;
  graph.rename(from, free_name(graph, name));
  graph.rename(to, name);
  if (!to->constant && from->shape.ranked) to->shape = from->shape;
  if (from->element) to->element = from->element;
  std::swap(to->opaque, from->opaque);
}

std::vector<const Node*> erase_unused(std::vector<Value*> candidates) {
  std::vector<const Node*> erased;
  const auto add = [&](Value* v) {
    if (v && std::ranges::find(candidates, v) == candidates.end()) candidates.push_back(v);
  };
  const auto unused = [](const Value* v) { return !v || (v->users.empty() && !is_returned(v)); };
  while (!candidates.empty()) {
    Value* v = candidates.back();
    candidates.pop_back();
    if (!unused(v)) continue;
    Node* node = v->producer;
    if (!node) {
      std::erase(candidates, v);
      if (std::ranges::find(v->graph->inputs, v) == v->graph->inputs.end()) v->graph->erase(v);
      continue;
    }
    if (!std::ranges::all_of(node->outputs, unused)) continue;
    for (Value* in : node->inputs) add(in);
    for (const Value* out : node->outputs) std::erase(candidates, out);
    erased.push_back(node);
    node->graph->erase(node);
  }
  return erased;
}

}  // namespace hone
