// SPDX-License-Identifier: Apache-2.0
#include "lib/ir/graph.h"

#include <algorithm>
#include <queue>
#include <set>

namespace hone {

std::int64_t Node::integer(std::string_view attribute, std::int64_t otherwise) const {
  const auto* p = find<std::int64_t>(attribute);
  return p ? *p : otherwise;
}
float Node::number(std::string_view attribute, float otherwise) const {
  const auto* p = find<float>(attribute);
  return p ? *p : otherwise;
}
std::string_view Node::text(std::string_view attribute, std::string_view otherwise) const {
  const auto* p = find<std::string>(attribute);
  return p ? std::string_view(*p) : otherwise;
}
std::vector<std::int64_t> Node::integers(std::string_view attribute, std::vector<std::int64_t> otherwise) const {
  const auto* p = find<std::vector<std::int64_t>>(attribute);
  return p ? *p : std::move(otherwise);
}
std::vector<float> Node::numbers(std::string_view attribute) const {
  const auto* p = find<std::vector<float>>(attribute);
  return p ? *p : std::vector<float>{};
}
const Graph* Node::body(std::string_view attribute) const {
  const auto* p = find<GraphPtr>(attribute);
  return p ? p->get() : nullptr;
}
Graph* Node::body(std::string_view attribute) { return const_cast<Graph*>(std::as_const(*this).body(attribute)); }

void Node::each_body(const std::function<void(Graph&)>& f) const {
  for (const auto& [name, attribute] : attributes) {
    if (const auto* one = std::get_if<GraphPtr>(&attribute)) f(**one);
    if (const auto* many = std::get_if<std::vector<GraphPtr>>(&attribute))
      for (const GraphPtr& g : *many) f(*g);
  }
}

std::string describe(const Node& node) {
  if (!node.name.empty()) return format("node '{}' ({})", node.name, node.op);
  for (const Value* v : node.outputs)
    if (v) return format("node making '{}' ({})", v->name, node.op);
  return format("node ({})", node.op);
}

Graph::~Graph() {
  // Bodies go first: their nodes hold uses of our values.
  for (auto& node : nodes_) node->attributes.clear();
}

std::vector<Value*> Graph::values() const {
  std::vector<Value*> all;
  all.reserve(values_.size());
  for (const auto& v : values_) all.push_back(v.get());
  return all;
}

Value* Graph::find(std::string_view value_name) const {
  const auto it = by_name_.find(value_name);
  return it == by_name_.end() ? nullptr : it->second;
}

Value* Graph::lookup(std::string_view value_name) const {
  for (const Graph* g = this; g; g = g->parent())
    if (Value* v = g->find(value_name)) return v;
  return nullptr;
}

// A name is taken when this graph or an enclosing one has it. Bodies may shadow nothing: names are unique along the path.
bool Graph::taken(std::string_view value_name) const { return lookup(value_name) != nullptr; }

std::string Graph::fresh(std::string_view hint) const {
  std::string candidate(hint.empty() ? "value" : hint);
  for (int i = 1; taken(candidate); ++i) candidate = format("{}_{}", hint.empty() ? "value" : hint, i);
  return candidate;
}

Value* Graph::value(std::string_view hint, DType dtype, Shape shape) {
  auto v = std::make_unique<Value>();
  v->name = fresh(hint);
  v->dtype = dtype;
  v->shape = std::move(shape);
  v->graph = this;
  by_name_.emplace(v->name, v.get());
  return values_.emplace_back(std::move(v)).get();
}

Value* Graph::constant(std::string_view hint, Tensor tensor) {
  Value* v = value(hint);
  set_constant(v, std::move(tensor));
  return v;
}

void Graph::set_constant(Value* v, Tensor tensor) {
  assert(!v->producer);
  v->dtype = tensor.dtype();
  v->shape = tensor.shape();
  v->constant = std::move(tensor);
}

Value* Graph::input(std::string_view hint, DType dtype, Shape shape) {
  return inputs.emplace_back(value(hint, dtype, std::move(shape)));
}

void Graph::use(Value* v, Node* node) {
  if (v) v->users.push_back(node);
}
void Graph::unuse(Value* v, Node* node) {
  if (!v) return;
  const auto it = std::ranges::find(v->users, node);
  assert(it != v->users.end());
  v->users.erase(it);
}

Node* Graph::add(std::string_view op, std::string_view domain, std::vector<Value*> in, std::vector<Value*> out, Node* before) {
  auto owned = std::make_unique<Node>();
  Node* node = owned.get();
  node->op = op;
  node->domain = domain;
  node->graph = this;
  node->inputs = std::move(in);
  node->outputs = std::move(out);
  for (Value* v : node->inputs) use(v, node);
  for (Value* v : node->outputs) {
    if (!v) continue;
    assert(v->graph == this && !v->producer && !v->constant);
    v->producer = node;
  }
  nodes_.push_back(std::move(owned));
  order_.insert(before ? std::ranges::find(order_, before) : order_.end(), node);
  return node;
}

void Graph::set_input(Node* node, std::size_t i, Value* v) {
  if (i >= node->inputs.size()) {
    if (!v) return;
    node->inputs.resize(i + 1, nullptr);
  }
  unuse(node->inputs[i], node);
  node->inputs[i] = v;
  use(v, node);
  while (!node->inputs.empty() && !node->inputs.back()) node->inputs.pop_back();
}

void Graph::replace_uses(Value* from, Value* to) {
  assert(from != to);
  const std::vector<Node*> users = from->users;
  for (Node* user : users)
    for (Value*& slot : user->inputs)
      if (slot == from) {
        slot = to;
        user->graph->use(to, user);
      }
  from->users.clear();
  // Outputs of this graph, and of bodies below that return a captured value.
  const std::function<void(Graph&)> fix = [&](Graph& g) {
    std::ranges::replace(g.outputs, from, to);
    for (Node* n : g.order_) n->each_body(fix);
  };
  fix(*this);
}

void Graph::set_output(std::size_t i, Value* v) { outputs[i] = v; }

bool Graph::is_output(const Value* v) const {
  return std::ranges::find(outputs, v) != outputs.end();
}

void Graph::erase(Node* node) {
  for (Value* v : node->inputs) unuse(v, node);
  node->each_body([](Graph& body) {
    while (!body.order_.empty()) {
      Node* last = body.order_.back();
      body.outputs.clear();
      for (Value* v : last->outputs)
        if (v) v->users.clear();
      body.erase(last);
    }
  });
  for (Value* v : node->outputs) {
    if (!v) continue;
    assert(v->users.empty() && !is_output(v));
    v->producer = nullptr;
    erase(v);
  }
  order_.erase(std::ranges::find(order_, node));
  nodes_.erase(std::ranges::find(nodes_, node, &std::unique_ptr<Node>::get));
}

void Graph::erase(Value* v) {
  assert(!v->producer && v->users.empty() && !is_output(v) && std::ranges::find(inputs, v) == inputs.end());
  by_name_.erase(v->name);
  values_.erase(std::ranges::find(values_, v, &std::unique_ptr<Value>::get));
}

void Graph::rename(Value* v, std::string_view new_name) {
  assert(!taken(new_name));
  by_name_.erase(v->name);
  v->name = new_name;
  by_name_.emplace(v->name, v);
}

void Graph::attach(Node* node, std::string attribute, GraphPtr body) {
  body->owner = node;
  node->attributes.insert_or_assign(std::move(attribute), std::move(body));
}

namespace {

// Calls f for each value that node reads and `graph` owns: inputs, and what its bodies capture.
void each_dependency(const Node& node, const Graph& graph, const std::function<void(Value*)>& f) {
  for (Value* v : node.inputs)
    if (v && v->graph == &graph) f(v);
  node.each_body([&](Graph& body) {
    for (const Node* inner : body.nodes()) each_dependency(*inner, graph, f);
    for (Value* v : body.outputs)
      if (v && v->graph == &graph) f(v);
  });
}

}  // namespace

bool Graph::sort() {
  std::unordered_map<const Node*, std::size_t> position, waiting;
  std::unordered_map<const Node*, std::vector<std::size_t>> after;
  for (std::size_t i = 0; i < order_.size(); ++i) position[order_[i]] = i;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    std::set<const Node*> before;
    each_dependency(*order_[i], *this, [&](Value* v) {
      if (v->producer) before.insert(v->producer);
    });
    for (const Node* b : before) after[b].push_back(i);
    waiting[order_[i]] = before.size();
    if (before.empty()) ready.push(i);
  }
  std::vector<Node*> sorted;
  while (!ready.empty()) {
    Node* node = order_[ready.top()];
    ready.pop();
    sorted.push_back(node);
    for (const std::size_t i : after[node])
      if (--waiting[order_[i]] == 0) ready.push(i);
  }
  if (sorted.size() != order_.size()) return false;
  order_ = std::move(sorted);
  bool bodies = true;
  for (Node* n : order_) n->each_body([&](Graph& body) { bodies = body.sort() && bodies; });
  return bodies;
}

int Graph::drop_dead() {
  std::set<const Value*> returned;  // by this graph or a body below
  const std::function<void(const Graph&)> collect = [&](const Graph& g) {
    returned.insert(g.outputs.begin(), g.outputs.end());
    for (const Node* n : g.order_) n->each_body(collect);
  };
  collect(*this);
  int dropped = 0;
  for (std::size_t i = order_.size(); i-- > 0;) {
    Node* node = order_[i];
    const bool live = std::ranges::any_of(node->outputs, [&](const Value* v) { return v && (!v->users.empty() || returned.contains(v)); });
    if (live) {
      node->each_body([&](Graph& body) { dropped += body.drop_dead(); });
      continue;
    }
    erase(node);
    ++dropped;
  }
  const std::set<const Value*> fed(inputs.begin(), inputs.end());
  std::vector<Value*> dead;
  for (const auto& v : values_)
    if (!v->producer && v->users.empty() && !returned.contains(v.get()) && !fed.contains(v.get())) dead.push_back(v.get());
  for (Value* v : dead) erase(v);
  return dropped;
}

struct GraphCloner {
  std::map<const Value*, Value*> map;

  Value* of(Value* v) const {
    const auto it = map.find(v);
    return it == map.end() ? v : it->second;  // a capture from outside what is cloned stays
  }
  void copy(const Graph& from, Graph& to) {
    to.name = from.name;
    to.doc = from.doc;
    to.opaque = from.opaque;
    for (const auto& v : from.values_) {
      auto c = std::make_unique<Value>(*v);
      c->users.clear();
      c->producer = nullptr;
      c->graph = &to;
      to.by_name_.emplace(c->name, c.get());
      map[v.get()] = to.values_.emplace_back(std::move(c)).get();
    }
    for (Value* v : from.inputs) to.inputs.push_back(of(v));
    for (const Node* n : from.order_) copy(*n, to);
    for (Value* v : from.outputs) to.outputs.push_back(of(v));
  }
  void copy(const Node& from, Graph& to) {
    std::vector<Value*> in, out;
    for (Value* v : from.inputs) in.push_back(v ? of(v) : nullptr);
    for (Value* v : from.outputs) out.push_back(v ? of(v) : nullptr);
    Node* node = to.add(from.op, from.domain, std::move(in), std::move(out));
    node->name = from.name;
    node->schema = from.schema;
    node->doc = from.doc;
    node->opaque = from.opaque;
    for (const auto& [key, attribute] : from.attributes) std::visit([&](const auto& a) { set(*node, key, a); }, attribute);
  }
  void set(Node& node, const std::string& key, const GraphPtr& body) { node.attributes.emplace(key, below(node, *body)); }
  void set(Node& node, const std::string& key, const std::vector<GraphPtr>& bodies) {
    std::vector<GraphPtr> copies;
    for (const GraphPtr& b : bodies) copies.push_back(below(node, *b));
    node.attributes.emplace(key, std::move(copies));
  }
  template <class T> void set(Node& node, const std::string& key, const T& plain) { node.attributes.emplace(key, plain); }
  GraphPtr below(Node& node, const Graph& body) {
    auto c = std::make_unique<Graph>();
    c->owner = &node;
    copy(body, *c);
    return c;
  }
};

GraphPtr Graph::clone(std::map<const Value*, Value*>* map) const {
  GraphCloner cloner;
  auto copy = std::make_unique<Graph>();
  cloner.copy(*this, *copy);
  if (map) *map = std::move(cloner.map);
  return copy;
}

Model Model::clone() const {
  Model m;
  m.graph = graph->clone();
  m.ir_version = ir_version;
  m.opsets = opsets;
  m.producer_name = producer_name;
  m.producer_version = producer_version;
  m.domain = domain;
  m.doc = doc;
  m.model_version = model_version;
  m.metadata = metadata;
  m.opaque = opaque;
  return m;
}

}  // namespace hone
