// SPDX-License-Identifier: Apache-2.0
// Runs what depends on constants only, by the reference loops, and keeps the results as constants.
//
//   a = Slice (W, [0], [2])   b = Slice (W, [2], [4])   c = Concat <axis = 0> (b, a)     =>     c is a constant
//
// Nodes are weighed together with those that share a weight or a result with them: such a group is folded when what it returns is no
// larger than the weights that nothing else needs and 256 bytes for each node. So a model never grows, and what is left is cheap to
// compute when the model is loaded. Quantization nodes stay: they say how a weight is stored. So do nodes past `all_results`.
#include <algorithm>
#include <map>

#include "lib/ops/interpreter.h"
#include "lib/rewrite/graph_edit.h"

namespace hone {
namespace {

constexpr std::size_t per_node = 256;           // about what a node costs in a file, with its names
constexpr std::size_t joining = 64;             // smaller constants (axes, shapes) do not tie nodes together
constexpr std::size_t largest = 16u << 20;      // a larger result than the inputs is not even computed
constexpr std::size_t all_results = 128u << 20;  // of one graph: the weights of a file are mapped, but what is folded takes memory

std::size_t size_of(const Tensor& t) {
  std::size_t bytes = t.bytes().size();
  if (t.dtype() == DType::string)
    for (const std::string& s : t.string_values()) bytes += s.size();
  return bytes;
}

std::size_t declared_size(const Value* v) {
  const auto dims = v ? v->shape.concrete() : std::nullopt;
  if (!dims || v->dtype == DType::undefined || bits(v->dtype) == 0) return 0;
  const auto count = element_count(*dims);
  return count && *count < INT64_MAX / 16 ? bytes_of(v->dtype, static_cast<std::size_t>(*count)) : SIZE_MAX / 2;
}
bool too_large(const Node& node) {
  std::size_t in = 0, out = 0;
  for (const Value* v : node.inputs) in += declared_size(v);
  for (const Value* v : node.outputs) out += declared_size(v);
  return out > all_results || (out > largest && out > in);
}

bool evaluable(const Node& node) {
  if (!node.schema || !node.schema->reference || !node.schema->deterministic) return false;
  if (node.is("QuantizeLinear") || node.is("DequantizeLinear") || too_large(node)) return false;
  bool bodies = false;
  node.each_body([&](Graph&) { bodies = true; });
  return !bodies;
}

class Folder {
 public:
  explicit Folder(Graph& graph) : graph_(graph) {
    for (Node* node : graph.nodes())
      if (evaluable(*node) && std::ranges::all_of(node->inputs, [&](const Value* v) { return !v || is_fixed(v) || computed(v); })) evaluate(node);
  }

  int run() {
    std::map<std::size_t, std::vector<Node*>> groups;
    for (std::size_t i = 0; i < nodes_.size(); ++i) groups[root(i)].push_back(nodes_[i]);
    int folded = 0;
    for (const auto& [first, group] : groups) {
      if (worthwhile(group)) folded += replace(group);
      else
        for (Node* node : group)
          if (worthwhile({node})) folded += replace({node});
    }
    return folded;
  }

 private:
  bool computed(const Value* v) const { return values_.contains(v); }

  // Runs a node and joins it with the nodes before that share something large with it. An error of a loop is left for the run to report.
  void evaluate(Node* node) {
    std::vector<const Tensor*> inputs;
    for (const Value* v : node->inputs) inputs.push_back(!v ? nullptr : v->constant ? &*v->constant : &values_.at(v));
    if (held_ > all_results) return;
    auto outputs = run_reference(*node, inputs);
    if (!outputs) return;
    for (const Tensor& t : *outputs) held_ += size_of(t);
    const std::size_t index = nodes_.size();
    nodes_.push_back(node);
    parent_.push_back(index);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i] || (size_of(*inputs[i]) <= joining && !node->inputs[i]->producer)) continue;
      const auto [it, fresh] = member_.try_emplace(node->inputs[i], index);
      parent_[root(it->second)] = index;
    }
    for (std::size_t i = 0; i < outputs->size(); ++i)
      if (node->outputs[i]) values_.emplace(node->outputs[i], std::move((*outputs)[i])), member_.emplace(node->outputs[i], index);
  }
  std::size_t root(std::size_t i) const {
    while (parent_[i] != i) i = parent_[i];
    return i;
  }

  static bool only_used_in(const Value* v, const std::vector<Node*>& group) {
    return !is_returned(v) && std::ranges::all_of(v->users, [&](Node* user) { return std::ranges::find(group, user) != group.end(); });
  }

  bool worthwhile(const std::vector<Node*>& group) const {
    std::size_t freed = per_node * group.size(), made = 0;
    std::vector<const Value*> sources;
    for (const Node* node : group) {
      for (const Value* v : node->inputs) {
        if (!v || !v->constant || std::ranges::find(sources, v) != sources.end()) continue;
        sources.push_back(v);
        if (only_used_in(v, group)) freed += size_of(*v->constant);
      }
      for (const Value* v : node->outputs) {
        if (!v || only_used_in(v, group)) continue;
        if (is_aggregate(values_.at(v).dtype())) return false;  // a sequence, an optional or a map cannot be a constant
        made += size_of(values_.at(v));
      }
    }
    return made <= freed;
  }

  // Only what leaves the group becomes a constant; a node is erased when none of its outputs is used any more.
  int replace(const std::vector<Node*>& group) {
    std::vector<Value*> old;
    int replaced = 0;
    for (const Node* node : group)
      for (Value* v : node->outputs) {
        if (!v || only_used_in(v, group)) continue;
        Value* constant = new_constant(graph_, v->name, values_.at(v));
        if (can_replace(v, constant)) replace_value(v, constant), old.push_back(v), ++replaced;
        else graph_.erase(constant);
      }
    erase_unused(std::move(old));
    return replaced;
  }

  Graph& graph_;
  std::size_t held_ = 0;  // bytes of all results
  std::vector<Node*> nodes_;
  std::vector<std::size_t> parent_;  // union-find over nodes_
  std::map<const Value*, std::size_t> member_;
  std::map<const Value*, Tensor> values_;
};

Result<int> run(Graph& graph) {
  int folded = 0;
  each_graph(graph, [&](Graph& g) { folded += Folder(g).run(); });
  return folded;
}

}  // namespace

extern const Pass fold_constants_pass{.name = "fold-constants", .help = "compute what depends on constants only", .run = run, .evaluates = true};

}  // namespace hone
