// SPDX-License-Identifier: Apache-2.0
// The intermediate representation: a Graph owns Nodes and Values, whose addresses are stable. Nodes are in topological
// order, which the mutators keep. A subgraph (the body of If, Loop, Scan) is a Graph held by an attribute of its node; it
// captures a value of an enclosing graph by simply using its Value*. Names are unique within a graph and its enclosing ones.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "lib/ir/tensor.h"
#include "lib/ir/type.h"

namespace hone {

class Graph;
struct Node;
struct Op;  // lib/ops/op.h

struct Value {
  std::string name;
  DType dtype = DType::undefined;  // undefined: not known (yet)
  Shape shape;                     // of a tensor
  TypePtr element;                 // of a sequence, an optional or a map: what it holds, as far as known
  Node* producer = nullptr;        // null for graph inputs and constants
  std::vector<Node*> users;        // one entry for each use, nodes of subgraphs included
  std::optional<Tensor> constant;  // an initializer
  Graph* graph = nullptr;          // the graph that owns it
  std::string opaque;              // protobuf fields of its ValueInfoProto that we do not know, as bytes
  // Neither producer nor constant: fed from outside.
  bool is_input() const { return !producer && !constant; }
  ValueType type() const { return {dtype, shape, element}; }
};

using GraphPtr = std::unique_ptr<Graph>;
using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, std::vector<std::string>,
                               Tensor, std::vector<Tensor>, GraphPtr, std::vector<GraphPtr>, ValueType>;

struct Node {
  std::string name;    // may be empty
  std::string op;      // "Conv"
  std::string domain;  // "" is ai.onnx; "ai.onnx.ml"; "com.microsoft"; "hone" for what only a plan contains
  std::vector<Value*> inputs;   // nullptr: an optional input that is absent
  std::vector<Value*> outputs;  // nullptr: an optional output that is not asked for
  std::map<std::string, Attribute, std::less<>> attributes;
  const Op* schema = nullptr;   // its row of the operator table; null when the operator is unknown
  Graph* graph = nullptr;
  std::string doc;              // doc_string
  std::string opaque;           // unknown protobuf fields, as bytes

  bool is(std::string_view op_name, std::string_view op_domain = "") const { return op == op_name && domain == op_domain; }
  Value* input(std::size_t i) const { return i < inputs.size() ? inputs[i] : nullptr; }    // null when absent
  Value* output(std::size_t i) const { return i < outputs.size() ? outputs[i] : nullptr; }
  template <class T> const T* find(std::string_view attribute) const {
    const auto it = attributes.find(attribute);
    return it == attributes.end() ? nullptr : std::get_if<T>(&it->second);
  }
  // The attribute, or the default when it is absent. A wrong type cannot occur: verify refuses it.
  std::int64_t integer(std::string_view attribute, std::int64_t otherwise = 0) const;
  float number(std::string_view attribute, float otherwise = 0) const;
  std::string_view text(std::string_view attribute, std::string_view otherwise = "") const;
  std::vector<std::int64_t> integers(std::string_view attribute, std::vector<std::int64_t> otherwise = {}) const;
  std::vector<float> numbers(std::string_view attribute) const;
  const Graph* body(std::string_view attribute) const;  // null when absent
  Graph* body(std::string_view attribute);
  // Calls f for every subgraph of this node.
  void each_body(const std::function<void(Graph&)>& f) const;
};
// "node 'conv1' (Conv)"; an unnamed node is told by its first output.
std::string describe(const Node&);

class Graph {
 public:
  std::string name;
  std::string doc, opaque;
  std::vector<Value*> inputs, outputs;  // an initializer may be listed among inputs too (IR 3): it has `constant`
  Node* owner = nullptr;                // the node whose attribute holds this graph; null for a main graph

  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph();

  const std::vector<Node*>& nodes() const { return order_; }  // topological
  std::vector<Value*> values() const;                         // every value owned, in creation order
  Value* find(std::string_view value_name) const;             // in this graph only
  Value* lookup(std::string_view value_name) const;           // here, then in the enclosing graphs
  Graph* parent() const { return owner ? owner->graph : nullptr; }

  // New values. A taken name gets "_1", "_2", ... appended: the first that is free.
  Value* value(std::string_view hint, DType = DType::undefined, Shape = {});
  Value* constant(std::string_view hint, Tensor);
  Value* input(std::string_view hint, DType, Shape);  // a new graph input

  // The mutators keep users, producers and the order right.
  // Adds a node before `before` (null: at the end). Fresh outputs are made by value(); outputs already owned must have no producer.
  Node* add(std::string_view op, std::string_view domain, std::vector<Value*> in, std::vector<Value*> out, Node* before = nullptr);
  void set_input(Node*, std::size_t i, Value*);            // grows inputs when i is past the end; null: absent
  void replace_uses(Value* from, Value* to);               // in every node, subgraphs too, and among the outputs of this graph
  void set_output(std::size_t i, Value*);                  // a graph output
  void erase(Node*);                                       // REQUIRES: no output has users or is a graph output
  void erase(Value*);                                      // REQUIRES: no producer, no users, not a graph input or output
  void rename(Value*, std::string_view new_name);          // REQUIRES: the name is free
  void set_constant(Value*, Tensor);                       // REQUIRES: no producer
  void attach(Node*, std::string attribute, GraphPtr);     // a subgraph
  bool is_output(const Value*) const;
  // Sorts nodes topologically, stable against the present order; false when there is a cycle.
  bool sort();
  // Removes nodes without used outputs, and constants without users. Returns the number of nodes removed; subgraphs included.
  int drop_dead();

  // A deep copy; tensors share their bytes. `map`, when given, receives old value -> new value.
  GraphPtr clone(std::map<const Value*, Value*>* map = nullptr) const;

 private:
  friend struct GraphCloner;
  bool taken(std::string_view value_name) const;
  std::string fresh(std::string_view hint) const;
  void use(Value*, Node*);
  void unuse(Value*, Node*);
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Value>> values_;
  std::unordered_map<std::string_view, Value*> by_name_;
  std::vector<Node*> order_;
};

// A graph and what a model file says beside it.
struct Model {
  GraphPtr graph = std::make_unique<Graph>();
  int ir_version = 8;
  std::map<std::string, std::int64_t, std::less<>> opsets;  // domain -> version as the file said; "" is ai.onnx
  std::string producer_name, producer_version, domain, doc;
  std::int64_t model_version = 0;
  std::vector<std::pair<std::string, std::string>> metadata;  // metadata_props, in order
  std::string opaque;                                         // unknown protobuf fields, as bytes
  Model clone() const;
};

// Structural rules that hold for any graph: order, users and producers, names, captured values in scope, outputs present.
// The error names the first node that breaks one. Operator rules are checked by lib/ops/check.h.
Status verify(const Graph&);

}  // namespace hone
