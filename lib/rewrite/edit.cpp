// SPDX-License-Identifier: Apache-2.0
// Edit adds nodes and constants at once, so that rules can name their outputs, and takes them back when the rule declines; changes of
// what existed before are queued until the commit.
#include "lib/rewrite/graph_edit.h"

namespace hone {

Value* Edit::constant(const Value* like, Tensor t) {
  return constants_.emplace_back(new_constant(graph_, like ? like->name : "constant", std::move(t)));
}

Node* Edit::add(std::string_view op, std::vector<Value*> inputs, std::string_view output_hint, std::string_view domain) {
  Node* node = graph_.add(op, domain, std::move(inputs), {new_value(graph_, output_hint)}, root_);
  node->schema = find_op(op, domain);
  return nodes_.emplace_back(node);
}

void Edit::set_attribute(Node* node, std::string name, Attribute value) {
  // A queued function must be copyable and an attribute need not be.
  queue_.push_back([node, name = std::move(name), value = std::make_shared<Attribute>(std::move(value))] {
    node->attributes.insert_or_assign(name, std::move(*value));
  });
}
void Edit::drop_attribute(Node* node, std::string name) {
  queue_.push_back([node, name = std::move(name)] { node->attributes.erase(name); });
}
void Edit::set_input(Node* node, std::size_t i, Value* v) {
  queue_.push_back([node, i, v] { node->graph->set_input(node, i, v); });
}
bool Edit::replace(Value* from, Value* to) {
  if (!can_replace(from, to)) return false;
  queue_.push_back([from, to] { replace_value(from, to); });
  return true;
}

void Edit::commit() {
  for (const auto& change : queue_) change();
  for (Node* node : nodes_) infer_node(*node);
}

void Edit::roll_back() {
  for (; !nodes_.empty(); nodes_.pop_back()) graph_.erase(nodes_.back());
  for (; !constants_.empty(); constants_.pop_back()) graph_.erase(constants_.back());
}

}  // namespace hone
