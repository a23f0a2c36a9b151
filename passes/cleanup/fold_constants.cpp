// SPDX-License-Identifier: Apache-2.0
// Runs nodes whose inputs are all constants, by their reference loops, and keeps what they return as constants.
//
// Declines when the result is more than 256 bytes larger than the inputs that go with it: a model never grows, and what is left is
// cheap to compute when the model is loaded. Quantization nodes stay: they say how a weight is stored.
#include <algorithm>

#include "lib/ops/interpreter.h"
#include "lib/rewrite/graph_edit.h"

namespace hone {
namespace {

constexpr std::size_t slack = 256;  // about what a node costs in a file, with its names

std::size_t size_of(const Tensor& t) {
  std::size_t bytes = t.bytes().size();
  if (t.dtype() == DType::string)
    for (const std::string& s : t.string_values()) bytes += s.size();
  return bytes;
}

bool foldable(const Node& node) {
  if (!node.schema || !node.schema->reference || !node.schema->deterministic) return false;
  if (node.is("QuantizeLinear") || node.is("DequantizeLinear")) return false;
  bool bodies = false;
  node.each_body([&](Graph&) { bodies = true; });
  return !bodies && std::ranges::all_of(node.inputs, [](const Value* v) { return !v || is_fixed(v); });
}

// The outputs, or nothing when they may not or cannot be made; an error of the loop is left for the run to report.
std::optional<std::vector<Tensor>> evaluate(const Node& node) {
  std::size_t freed = slack, made = 0;
  std::vector<const Tensor*> inputs;
  for (const Value* v : node.inputs) {
    inputs.push_back(v ? &*v->constant : nullptr);
    if (v && std::ranges::all_of(v->users, [&](const Node* user) { return user == &node; }) && !is_returned(v)) freed += size_of(*v->constant);
  }
  for (const Value* v : node.outputs)  // before anything large is computed
    if (const auto dims = v ? v->shape.concrete() : std::nullopt; dims && v->dtype != DType::string && v->dtype != DType::undefined)
      made += bytes_of(v->dtype, static_cast<std::size_t>(count_of(*dims)));
  if (made > freed) return std::nullopt;
  auto outputs = run_reference(node, inputs);
  if (!outputs) return std::nullopt;
  made = 0;
  for (const Tensor& t : *outputs) made += t ? size_of(t) : 0;
  return made > freed ? std::nullopt : std::optional(std::move(*outputs));
}

bool fold(Graph& graph, Node* node) {
  const auto outputs = evaluate(*node);
  if (!outputs) return false;
  std::vector<Value*> old(node->outputs.begin(), node->outputs.end());
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (!old[i] || (old[i]->users.empty() && !is_returned(old[i]))) continue;
    Value* constant = new_constant(graph, old[i]->name, (*outputs)[i]);
    if (!can_replace(old[i], constant)) return graph.erase(constant), false;
    replace_value(old[i], constant);
  }
  erase_unused(std::move(old));
  return true;
}

Result<int> run(Graph& graph) {
  int folded = 0;
  each_graph(graph, [&](Graph& g) {
    for (Node* node : std::vector<Node*>(g.nodes()))  // in order, so that what a fold makes constant is seen; only `node` is erased
      if (foldable(*node)) folded += fold(g, node);
  });
  return folded;
}

}  // namespace

extern const Pass fold_constants_pass{.name = "fold-constants", .help = "compute nodes whose inputs are all constants", .run = run};

}  // namespace hone
