// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/draft.h"

#include <algorithm>
#include <unordered_set>

namespace hone {
namespace {

// The names of one graph; what it does not know, its enclosing graph may.
struct Scope {
  const Scope* outer = nullptr;
  std::unordered_map<std::string_view, Value*> names;
  Value* find(std::string_view name) const {
    for (const Scope* s = this; s; s = s->outer)
      if (const auto it = s->names.find(name); it != s->names.end()) return it->second;
    return nullptr;
  }
};

std::string describe(const DraftNode& node) {
  if (!node.name.empty()) return format("node '{}' ({})", node.name, node.op);
  for (const std::string& output : node.outputs)
    if (!output.empty()) return format("node making '{}' ({})", output, node.op);
  return format("node ({})", node.op);
}

// The value of a Constant node in any of the forms of its attribute; nothing when it is not that plain.
std::optional<Tensor> constant_of(const DraftNode& node) {
  if (node.op != "Constant" || !node.domain.empty() || node.attributes.size() != 1 || node.outputs.size() != 1 || !node.bodies.empty() ||
      !node.inputs.empty() || !node.opaque.empty() || node.outputs[0].empty())
    return std::nullopt;
  const auto& [key, attribute] = *node.attributes.begin();
  if (const auto* t = std::get_if<Tensor>(&attribute); t && key == "value") return *t;
  if (const auto* i = std::get_if<std::int64_t>(&attribute); i && key == "value_int") return Tensor::scalar(*i);
  if (const auto* f = std::get_if<float>(&attribute); f && key == "value_float") return Tensor::scalar(*f);
  if (const auto* s = std::get_if<std::string>(&attribute); s && key == "value_string") return Tensor::strings({}, {*s});
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&attribute); v && key == "value_ints") return Tensor::vector<std::int64_t>(*v);
  if (const auto* v = std::get_if<std::vector<float>>(&attribute); v && key == "value_floats") return Tensor::vector<float>(*v);
  if (const auto* v = std::get_if<std::vector<std::string>>(&attribute); v && key == "value_strings")
    return Tensor::strings({static_cast<std::int64_t>(v->size())}, *v);
  return std::nullopt;
}

// Values left out at the end of a list are as if they had not been written.
void trim(std::vector<std::string>& names) {
  while (!names.empty() && names.back().empty()) names.pop_back();
}

void constants_from_nodes(DraftGraph& draft) {
  std::erase_if(draft.nodes, [&](DraftNode& node) {
    auto tensor = constant_of(node);
    if (tensor) draft.constants.push_back({std::move(node.outputs[0]), std::move(*tensor)});
    return tensor.has_value();
  });
}

Status declare_inputs(Graph& graph, const DraftGraph& draft, Scope& scope) {
  for (const DraftValue& in : draft.inputs) {
    if (in.name.empty()) return invalid("an input of graph '{}' has no name", draft.name);
    if (scope.names.contains(in.name)) return invalid("two inputs of graph '{}' are named '{}'", draft.name, in.name);
    Value* v = graph.input(in.name, in.dtype, in.shape);
    v->element = in.element;
    v->opaque = in.opaque;
    scope.names.emplace(in.name, v);
  }
  return Ok{};
}

Status declare_constants(Graph& graph, DraftGraph& draft, Scope& scope) {
  for (DraftConstant& c : draft.constants) {
    if (c.name.empty()) return invalid("an initializer of graph '{}' has no name", draft.name);
    const auto [it, added] = scope.names.emplace(c.name, nullptr);
    if (added) {
      it->second = graph.constant(c.name, std::move(c.tensor));
      continue;
    }
    Value* input = it->second;
    if (input->constant) return invalid("'{}' is made twice: two initializers or constants have this name", c.name);
    if (input->dtype != DType::undefined && input->dtype != c.tensor.dtype())
      return invalid("input '{}' is {} but its initializer is {}", c.name, name(input->dtype), name(c.tensor.dtype()));
    graph.set_constant(input, std::move(c.tensor));
  }
  return Ok{};
}

Status declare_outputs_of_nodes(Graph& graph, const DraftGraph& draft, Scope& scope) {
  for (const DraftNode& node : draft.nodes) {
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      const auto [it, added] = scope.names.emplace(output, nullptr);
      if (!added) return invalid("{}: its output '{}' is made twice: another node, an input or an initializer has this name", describe(node), output);
      it->second = graph.value(output);
    }
  }
  return Ok{};
}

// Types stated for values that nodes make. What a tensor says of itself is not overridden.
void declare_types(const std::vector<DraftValue>& infos, const Graph& graph, const Scope& scope) {
  for (const DraftValue& info : infos) {
    const auto it = scope.names.find(info.name);
    if (it == scope.names.end() || it->second->graph != &graph) continue;
    Value* v = it->second;
    if (!info.opaque.empty() && v->opaque.empty()) v->opaque = info.opaque;
    if (v->constant || info.dtype == DType::undefined) continue;
    if (v->dtype == DType::undefined) v->dtype = info.dtype;
    if (!v->shape.ranked) v->shape = info.shape;
    if (!v->element) v->element = info.element;
  }
}

Status fill(Graph& graph, DraftGraph& draft, const Scope* outer, NodeOpsets* opsets);

Status add_node(Graph& graph, DraftNode& draft, const Scope& scope, NodeOpsets* opsets) {
  std::vector<Value*> in, out;
  for (const std::string& input : draft.inputs) {
    in.push_back(input.empty() ? nullptr : scope.find(input));
    if (!input.empty() && !in.back()) return invalid("{}: reads '{}', which no input, initializer or node makes", describe(draft), input);
  }
  for (const std::string& output : draft.outputs) out.push_back(output.empty() ? nullptr : scope.names.find(output)->second);
  Node* node = graph.add(draft.op, draft.domain, std::move(in), std::move(out));
  node->name = draft.name;
  node->doc = draft.doc;
  node->opaque = draft.opaque;
  node->attributes = std::move(draft.attributes);
  if (draft.opset != 0 && opsets) opsets->emplace(node, draft.opset);
  for (DraftBody& body : draft.bodies) {
    std::vector<GraphPtr> graphs;
    for (DraftGraph& g : body.graphs) {
      graphs.push_back(std::make_unique<Graph>());
      graphs.back()->owner = node;
      if (Status filled = fill(*graphs.back(), g, &scope, opsets); !filled) {
        node->attributes.insert_or_assign(body.attribute, std::move(graphs));  // its nodes use our values: the graph must own it
        return std::move(filled).error().in(format("{}, {}", describe(draft), body.attribute));
      }
    }
    if (body.many) node->attributes.insert_or_assign(body.attribute, std::move(graphs));
    else node->attributes.insert_or_assign(body.attribute, std::move(graphs.front()));
  }
  return Ok{};
}

Status fill(Graph& graph, DraftGraph& draft, const Scope* outer, NodeOpsets* opsets) {
  graph.name = draft.name;
  graph.doc = draft.doc;
  graph.opaque = draft.opaque;
  for (DraftNode& node : draft.nodes) trim(node.inputs), trim(node.outputs);
  constants_from_nodes(draft);
  Scope scope{outer, {}};
  CHECK_OK(declare_inputs(graph, draft, scope));
  CHECK_OK(declare_constants(graph, draft, scope));
  CHECK_OK(declare_outputs_of_nodes(graph, draft, scope));
  declare_types(draft.outputs, graph, scope);
  declare_types(draft.infos, graph, scope);
  for (DraftNode& node : draft.nodes) CHECK_OK(add_node(graph, node, scope, opsets));
  std::unordered_set<const Value*> seen;
  for (const DraftValue& output : draft.outputs) {
    Value* v = output.name.empty() ? nullptr : scope.find(output.name);
    if (!v) return invalid("output '{}' of graph '{}' is made by no node, input or initializer", output.name, draft.name);
    if (!seen.insert(v).second && !outer) return invalid("output '{}' of graph '{}' is listed twice", output.name, draft.name);
    graph.outputs.push_back(v);
  }
  return Ok{};
}

// A node that takes part in a cycle, found by walking from inputs to producers; null when it goes through captures of bodies.
const Node* node_in_cycle(const Graph& graph) {
  struct Step {
    const Node* node;
    std::size_t next = 0;
  };
  std::unordered_set<const Node*> open, done;
  for (const Node* start : graph.nodes()) {
    std::vector<Step> path;
    if (!done.contains(start)) path.push_back({start}), open.insert(start);
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == step.node->inputs.size()) {
        open.erase(step.node);
        done.insert(step.node);
        path.pop_back();
        continue;
      }
      const Value* v = step.node->inputs[step.next++];
      const Node* before = v && v->graph == &graph ? v->producer : nullptr;
      if (!before || done.contains(before)) continue;
      if (!open.insert(before).second) return before;
      path.push_back({before});
    }
  }
  return nullptr;
}

Error cycle(const Graph& graph) {
  if (const Node* node = node_in_cycle(graph)) return invalid("{}: depends on its own output (a cycle)", describe(*node));
  for (const Node* node : graph.nodes()) {
    const Node* found = nullptr;
    node->each_body([&](Graph& body) { found = found ? found : node_in_cycle(body); });
    if (found) return invalid("{}: depends on its own output (a cycle)", describe(*found));
  }
  return invalid("graph '{}' has a cycle through what the bodies of its nodes capture", graph.name);
}

}  // namespace

Result<GraphPtr> build(DraftGraph draft, NodeOpsets* opsets) {
  auto graph = std::make_unique<Graph>();
  CHECK_OK(fill(*graph, draft, nullptr, opsets));
  if (!graph->sort()) return cycle(*graph);
  return graph;
}

}  // namespace hone
