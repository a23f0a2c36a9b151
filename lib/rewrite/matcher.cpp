// SPDX-License-Identifier: Apache-2.0
#include "lib/rewrite/matcher.h"

#include <algorithm>
#include <array>

namespace hone {

Value* Match::value(std::string_view name) const {
  const auto it = std::ranges::find(values_, name, &std::pair<std::string_view, Value*>::first);
  assert(it != values_.end());  // the pattern has no such name
  return it->second;
}
const Tensor* Match::constant(std::string_view name) const {
  const Value* v = value(name);
  return v && is_fixed(v) ? &*v->constant : nullptr;
}
Node* Match::node(std::string_view op) const {
  for (const auto& [made, n] : nodes_)
    if (n->op == op) return n;
  return nullptr;
}
Node* Match::maker(std::string_view value_name) const {
  const auto it = std::ranges::find(nodes_, value_name, &std::pair<std::string_view, Node*>::first);
  assert(it != nodes_.end());
  return it->second;
}

bool is_fixed(const Value* v) { return v->constant && std::ranges::find(v->graph->inputs, v) == v->graph->inputs.end(); }

static bool returned_below(const Graph& graph, const Value* v) {
  bool found = graph.is_output(v);
  for (const Node* n : graph.nodes())
    if (!found) n->each_body([&](const Graph& body) { found = found || returned_below(body, v); });
  return found;
}
bool is_returned(const Value* v) { return returned_below(*v->graph, v); }

bool is_commutative(const Node& node) {
  static constexpr std::array<std::string_view, 12> ops{"Add", "And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Equal", "Max", "Mean", "Min", "Mul", "Or", "Sum"};
  return node.domain.empty() && node.inputs.size() == 2 && (std::ranges::binary_search(ops, node.op) || node.op == "Xor");
}

// Either a line to be matched by a node, or an input of a line to be matched by a value.
struct Matcher::Goal {
  const PatternNode* line = nullptr;
  Node* node = nullptr;
  const PatternInput* input = nullptr;
  Value* value = nullptr;
};

static bool same(const Attribute& have, const decltype(PatternAttribute::value)& want) {
  if (const auto* i = std::get_if<std::int64_t>(&want)) {
    if (const auto* f = std::get_if<float>(&have)) return *f == static_cast<float>(*i);
    return have.index() == 0 && std::get<0>(have) == *i;
  }
  if (const auto* f = std::get_if<float>(&want)) return std::holds_alternative<float>(have) && std::get<float>(have) == *f;
  if (const auto* s = std::get_if<std::string_view>(&want)) return std::holds_alternative<std::string>(have) && std::get<std::string>(have) == *s;
  const auto* list = std::get_if<std::vector<std::int64_t>>(&have);
  return list && *list == std::get<std::vector<std::int64_t>>(want);
}

// The default in a schema's attribute text: "auto_pad: string = NOTSET, group: int = 1".
static std::string_view default_of(const Op& op, std::string_view attribute) {
  std::string_view rest = op.attributes;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(", "));
    rest.remove_prefix(std::min(rest.size(), item.size() + 2));
    const std::size_t colon = item.find(':'), equals = item.find("= ");
    if (item.substr(0, colon) == attribute && equals != std::string_view::npos) return item.substr(equals + 2);
  }
  return {};
}

static bool has_attribute(const Node& node, const PatternAttribute& want) {
  if (const auto it = node.attributes.find(want.name); it != node.attributes.end()) return same(it->second, want.value);
  const std::string_view text = node.schema ? default_of(*node.schema, want.name) : std::string_view();
  if (const auto* s = std::get_if<std::string_view>(&want.value)) return !text.empty() && *s == text;
  const auto value = parse_literal(text);
  if (!value) return false;
  if (const auto* f = std::get_if<float>(&value.value())) return same(Attribute(*f), want.value);
  if (const auto* i = std::get_if<std::int64_t>(&value.value())) return same(Attribute(*i), want.value) || same(Attribute(static_cast<float>(*i)), want.value);
  return value.value() == want.value;
}

bool Matcher::bind_node(const PatternNode& line, Node* node, Match& m) const {
  const auto is_op = [&](std::string_view op) {
    const std::size_t dot = op.rfind('.');
    return dot == std::string_view::npos ? node->is(op) : node->is(op.substr(dot + 1), op.substr(0, dot));
  };
  if (std::ranges::none_of(line.ops, is_op) || node->inputs.size() > line.inputs.size()) return false;
  if (!std::ranges::all_of(line.attributes, [&](const PatternAttribute& a) { return has_attribute(*node, a); })) return false;
  for (std::size_t i = 0; i < std::max(node->outputs.size(), line.outputs.size()); ++i) {
    Value* made = node->output(i);
    if (i >= line.outputs.size()) {
      if (made && (!made->users.empty() || is_returned(made))) return false;
      continue;
    }
    if (!made) return false;
    const auto bound = std::ranges::find(m.values_, line.outputs[i], &std::pair<std::string_view, Value*>::first);
    if (bound == m.values_.end()) m.values_.emplace_back(line.outputs[i], made);
    else if (bound->second != made) return false;
  }
  if (std::ranges::find(m.nodes_, line.outputs[0], &std::pair<std::string_view, Node*>::first) == m.nodes_.end()) m.nodes_.emplace_back(line.outputs[0], node);
  return true;
}

bool Matcher::bind_input(const PatternInput& input, Value* value, std::vector<Goal>& goals, Match& m) const {
  if (!value && !input.optional) return false;
  if (value && input.constant && !is_fixed(value)) return false;
  const auto bound = std::ranges::find(m.values_, input.name, &std::pair<std::string_view, Value*>::first);
  if (bound != m.values_.end() && bound->second != value) return false;
  const PatternNode* line = pattern_.maker(input.name);
  if (bound == m.values_.end() && !line) m.values_.emplace_back(input.name, value);
  if (!line) return true;
  const auto known = std::ranges::find(m.nodes_, line->outputs[0], &std::pair<std::string_view, Node*>::first);
  if (known != m.nodes_.end()) return bound != m.values_.end();
  if (!value->producer || value->graph != m.nodes_.front().second->graph) return false;
  goals.push_back({.line = line, .node = value->producer, .input = &input, .value = value});
  return true;
}

// Inner values are used by the nodes of the match alone.
bool Matcher::closed(const Match& m) const {
  for (const PatternNode& line : pattern_.nodes) {
    if (&line == &pattern_.nodes.back()) break;
    for (const std::string_view name : line.outputs) {
      const Value* v = m.value(name);
      const auto inside = [&](const Node* user) { return std::ranges::find(m.nodes_, user, &std::pair<std::string_view, Node*>::second) != m.nodes_.end(); };
      if (!std::ranges::all_of(v->users, inside) || is_returned(v)) return false;
    }
  }
  return true;
}

bool Matcher::solve(std::vector<Goal> goals, Match m, const Accept& accept) const {
  while (!goals.empty()) {
    const Goal goal = goals.back();
    goals.pop_back();
    if (!bind_node(*goal.line, goal.node, m)) return false;
    if (goal.value && m.value(goal.input->name) != goal.value) return false;  // another output of that node
    const auto& inputs = goal.line->inputs;
    const auto try_order = [&](bool swapped) {
      std::vector<Goal> next = goals;
      Match fork = m;
      for (std::size_t i = 0; i < inputs.size(); ++i)
        if (!bind_input(inputs[i], goal.node->input(swapped ? 1 - i : i), next, fork)) return false;
      return solve(std::move(next), std::move(fork), accept);
    };
    return try_order(false) || (is_commutative(*goal.node) && inputs.size() == 2 && try_order(true));
  }
  return closed(m) && accept(m);
}

bool Matcher::match(Node* root, const Accept& accept) const {
  return solve({{.line = &pattern_.nodes.back(), .node = root}}, {}, accept);
}

}  // namespace hone
