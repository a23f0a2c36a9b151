// SPDX-License-Identifier: Apache-2.0
// One node in the place of which others come: what the passes that expand fused operators share.
#pragma once
#include "lib/rewrite/graph_edit.h"

namespace hone {

// Adds the nodes that take the place of `node`, before it.
class Expansion {
 public:
  Expansion(Graph& graph, Node& node) : graph_(graph), node_(node) {}
  const Node& node() const { return node_; }
  Value* in(std::size_t i) const { return node_.input(i); }
  DType dtype() const { return in(0)->dtype; }
  // The output of a new node. The attributes are given before types are inferred. Where the operator's rule refuses the node (a zero point
  // of another shape than its scale), or the result has another type than the node's output, the whole expansion is taken back in the end.
  using Attributes = std::map<std::string, Attribute, std::less<>>;
  Value* add(std::string_view op, std::vector<Value*> inputs, Attributes attributes = {});
  // Those attributes of the node that the operator of the default domain knows.
  Attributes kept(std::string_view op) const;
  Value* constant(std::string_view hint, Tensor t) { return new_constant(graph_, hint, std::move(t)); }
  // A scalar of this floating-point type.
  Value* number(DType, double value);
  // The axes of x in this order. REQUIRES: as many as x has.
  Value* transpose(Value* x, std::vector<std::int64_t> order);
  // (n, spatial..., c) to (n, c, spatial...), and back. REQUIRES: the rank is known.
  Value* channels_first(Value* x);
  Value* channels_last(Value* x);
  bool refused() const { return refused_; }
  void roll_back() { erase_unused(added_); }

 private:
  Graph& graph_;
  Node& node_;
  std::vector<Value*> added_;  // outputs of new nodes
  bool refused_ = false;       // one of them can never be valid
};

// How to expand an operator: returns what takes the place of output 0, or null when it must stay, having added nothing. An operator
// with further outputs puts what takes their place into `more`, which is as long as they are.
struct Expander {
  std::string_view op, domain;
  Value* (*expand)(Expansion&, std::vector<Value*>& more);
};
// Expands what it can, bodies included; returns how many nodes were.
Result<int> expand_all(Graph&, std::span<const Expander>);

}  // namespace hone
