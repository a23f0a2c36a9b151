// SPDX-License-Identifier: Apache-2.0
// What Edit and whole-graph passes share: replacing values with the names of outputs kept, names, types, visiting bodies.
#pragma once
#include <functional>

#include "lib/rewrite/matcher.h"

namespace hone {

// Calls f for every graph, bodies before the graph that holds them. f may erase nodes of the graph that it is given.
void each_graph(Graph&, const std::function<void(Graph&)>& f);

// A name that is free in this graph, in those around it and in all bodies below it.
std::string free_name(const Graph&, std::string_view hint);

// A new constant or node output under a free name.
Value* new_constant(Graph&, std::string_view hint, Tensor);
Value* new_value(Graph&, std::string_view hint);
// A node with its schema resolved and its outputs' types inferred from those of its inputs.
Node* new_node(Graph&, std::string_view op, std::vector<Value*> inputs, std::vector<Value*> outputs, Node* before, std::string_view domain = "");
// Sets the types of a node's outputs from those of its inputs, as far as the operator's shape rule finds them. False: the rule says that
// the node can never be valid.
bool infer_node(Node&);

// Whether replace_value may do its work: when a graph returns `from`, then `to` must be made in that same graph (by a node or as a
// constant) and not be returned already; ONNX has no other spelling but an Identity node.
bool can_replace(const Value* from, const Value* to);
// Every use of `from` becomes `to`; the output of a main graph keeps name, type and unknown fields. REQUIRES: can_replace.
void replace_value(Value* from, Value* to);

// Of these values, erases constants without users and nodes none of whose outputs is used, then what only those used, and so on
// upwards. Returns the nodes erased (dangling: to be compared only).
std::vector<const Node*> erase_unused(std::vector<Value*> candidates);

}  // namespace hone
