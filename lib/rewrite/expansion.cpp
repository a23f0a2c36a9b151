// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/expansion.h"

#include <algorithm>

#include "lib/ops/rule.h"
#include "lib/ops/schema.h"
#include "lib/rewrite/weights.h"

namespace hone {

Value* Expansion::add(std::string_view op, std::vector<Value*> inputs, Attributes attributes) {
  Value* out = new_value(graph_, format("{}_{}", node_.outputs[0]->name, op));
  Node* node = graph_.add(op, "", std::move(inputs), {out}, &node_);
  node->schema = find_op(op, "");
  node->attributes = std::move(attributes);
  refused_ |= !infer_node(*node);
  added_.push_back(out);
  return out;
}

Expansion::Attributes Expansion::kept(std::string_view op) const {
  const Schema& schema = schema_of(*find_op(op, ""));
  Attributes out;
  for (const auto& [name, value] : node_.attributes) {
    if (!schema.find(name)) continue;
    if (const auto* i = std::get_if<std::int64_t>(&value)) out.emplace(name, *i);
    if (const auto* f = std::get_if<float>(&value)) out.emplace(name, *f);
    if (const auto* s = std::get_if<std::string>(&value)) out.emplace(name, *s);
    if (const auto* l = std::get_if<std::vector<std::int64_t>>(&value)) out.emplace(name, *l);
  }
  return out;
}

Value* Expansion::number(DType dtype, double value) {
  return constant(format("{}_number", node_.outputs[0]->name), from_doubles(dtype, {}, std::span(&value, 1)));
}

Value* Expansion::transpose(Value* x, std::vector<std::int64_t> order) {
  Attributes attributes;
  attributes.emplace("perm", std::move(order));
  return add("Transpose", {x}, std::move(attributes));
}

Value* Expansion::channels_first(Value* x) {
  const auto rank = static_cast<std::int64_t>(x->shape.rank());
  std::vector<std::int64_t> order{0, rank - 1};
  for (std::int64_t i = 1; i + 1 < rank; ++i) order.push_back(i);
  return transpose(x, std::move(order));
}

Value* Expansion::channels_last(Value* x) {
  const auto rank = static_cast<std::int64_t>(x->shape.rank());
  std::vector<std::int64_t> order{0};
  for (std::int64_t i = 2; i < rank; ++i) order.push_back(i);
  order.push_back(1);
  return transpose(x, std::move(order));
}

// Whether every output that is used can be replaced by a value made here.
static bool replaceable(const Node& node) {
  return std::ranges::all_of(node.outputs, [](const Value* v) {
    return !v || !is_returned(v) || (v->graph->is_output(v) && std::ranges::count(v->graph->outputs, v) == 1);
  });
}

// Whether `now` cannot be what `was` is: standard operators broadcast where a fused one refuses to.
static bool differs(const Value* was, const Value* now) {
  const Shape &a = was->shape, &b = now->shape;
  if (was->dtype != DType::undefined && now->dtype != DType::undefined && was->dtype != now->dtype) return true;
  if (!a.ranked || !b.ranked) return false;
  return !std::ranges::equal(a.dims, b.dims, [](const Dim& x, const Dim& y) { return static_cast<bool>(unify(x, y)); });
}

Result<int> expand_all(Graph& graph, std::span<const Expander> expanders) {
  int count = 0;
  each_graph(graph, [&](Graph& g) {
    for (Node* node : std::vector<Node*>(g.nodes())) {
      const auto it = std::ranges::find_if(expanders, [&](const Expander& e) { return node->is(e.op, e.domain); });
      if (it == expanders.end() || !node->output(0) || !node->input(0) || !replaceable(*node)) continue;
      Expansion expansion(g, *node);
      std::vector<Value*> made(node->outputs.size());
      Value* first = it->expand(expansion, made);
      if (!first) continue;
      made[0] = first;
      const std::vector<Value*> outputs = node->outputs;
      bool sound = !expansion.refused();
      for (std::size_t i = 0; i < outputs.size(); ++i) sound = sound && !(outputs[i] && made[i] && differs(outputs[i], made[i]));
      if (!sound) {
        expansion.roll_back();
        continue;
      }
      for (std::size_t i = 0; i < outputs.size(); ++i)
        if (outputs[i] && made[i]) replace_value(outputs[i], made[i]);
      erase_unused(outputs);
      ++count;
    }
  });
  return count;
}

}  // namespace hone
