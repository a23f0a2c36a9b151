// SPDX-License-Identifier: Apache-2.0
// Nodes that compute the same from the same inputs become one, and so do equal constants; what a body computes is merged with what the
// graphs around it computed before.
//
//   a = Relu (x)   b = Relu (x)   c = Add (a, b)     =>     a = Relu (x)   c = Add (a, a)
//
// Declines for random operators, nodes with bodies, and where an output's name could not be kept.
#include <map>

#include "lib/base/hash.h"
#include "lib/rewrite/graph_edit.h"

namespace hone {
namespace {

// Text that two nodes or constants share exactly when one can stand for the other.
class Key {
 public:
  explicit Key(const Node& node) {
    add(node.op), add(node.domain);
    add(node.outputs.size());
    for (const Value* v : node.outputs) add(v != nullptr);
    for (const Value* v : node.inputs) add(reinterpret_cast<std::uintptr_t>(v));
    for (const auto& [name, attribute] : node.attributes) {
      add(name);
      add(attribute.index());
      std::visit([&](const auto& a) { add(a); }, attribute);
    }
  }
  // Of a large constant only the head: whether two are equal is then for identical() to say, which seldom reads further.
  explicit Key(const Tensor& t) {
    if (t.bytes().size() <= head) {
      add(t);
    } else {
      add(static_cast<int>(t.dtype()));
      add(t.dims());
      const Digest digest = sha256(t.bytes().first(head));
      add(as_text(digest));
    }
  }
  std::string take() { return std::move(text_); }

 private:
  template <class T> requires std::is_arithmetic_v<T> void add(T number) { text_.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void add(std::string_view s) {
    add(s.size());
    text_ += s;
  }
  void add(const std::string& s) { add(std::string_view(s)); }
  void add(const Tensor& t) {
    add(static_cast<int>(t.dtype()));
    add(t.dims());
    if (is_aggregate(t.dtype())) {
      for (const Tensor& item : t.items()) add(item);
    } else if (t.dtype() == DType::string) {
      for (const std::string& s : t.string_values()) add(s);
    } else if (t.bytes().size() > 64) {
      const Digest digest = sha256(t.bytes());
      add(as_text(digest));
    } else {
      add(as_text(t.bytes()));
    }
  }
  template <class T> void add(const std::vector<T>& list) {
    add(list.size());
    for (const T& item : list) add(item);
  }
  void add(const ValueType& t) {
    add(static_cast<int>(t.dtype)), add(static_cast<int>(t.key)), add(to_string(t.shape)), add(t.element != nullptr);
    if (t.element) add(*t.element);
  }
  void add(const GraphPtr&) {}  // nodes with bodies are not merged
  static constexpr std::size_t head = 4096;
  std::string text_;
};

bool mergeable(const Node& node) {
  if (!node.schema || !node.schema->deterministic) return false;
  bool bodies = false;
  node.each_body([&](Graph&) { bodies = true; });
  return !bodies;
}

class Merger {
 public:
  int graph(Graph& g, const Merger* outer) {
    outer_ = outer;
    int merged = 0;
    for (Value* v : g.values()) {
      if (!v->constant || !is_fixed(v)) continue;
      const std::string key = Key(*v->constant).take();
      Value* known = find(key, *v->constant);
      if (!known) constants_[key].push_back(v);
      else if (can_replace(v, known)) replace_value(v, known), g.erase(v), ++merged;
    }
    for (Node* node : std::vector<Node*>(g.nodes())) {
      node->each_body([&](Graph& body) { merged += Merger().graph(body, this); });
      if (mergeable(*node)) merged += merge(g, node);
    }
    return merged;
  }

 private:
  bool merge(Graph& g, Node* node) {
    const std::string key = Key(*node).take();
    const Node* known = find(key);
    if (!known) return nodes_.emplace(key, node), false;
    const auto& same = known->outputs;
    for (std::size_t i = 0; i < same.size(); ++i)
      if (same[i] && !can_replace(node->outputs[i], same[i])) return false;
    for (std::size_t i = 0; i < same.size(); ++i)
      if (same[i]) replace_value(node->outputs[i], same[i]);
    g.erase(node);
    return true;
  }
  const Node* find(const std::string& key) const {
    for (const Merger* m = this; m; m = m->outer_)
      if (const auto it = m->nodes_.find(key); it != m->nodes_.end()) return it->second;
    return nullptr;
  }
  Value* find(const std::string& key, const Tensor& t) const {
    for (const Merger* m = this; m; m = m->outer_) {
      const auto it = m->constants_.find(key);
      if (it == m->constants_.end()) continue;
      for (Value* v : it->second)
        if (identical(*v->constant, t)) return v;
    }
    return nullptr;
  }

  const Merger* outer_ = nullptr;
  std::map<std::string, std::vector<Value*>> constants_;
  std::map<std::string, Node*> nodes_;
};

Result<int> run(Graph& graph) { return Merger().graph(graph, nullptr); }

}  // namespace

extern const Pass merge_common_pass{.name = "merge-common", .help = "merge nodes that compute the same, and equal constants", .run = run};

}  // namespace hone
