// SPDX-License-Identifier: Apache-2.0
// Shape inference over a graph: symbolic dimensions, value propagation through shape arithmetic, subgraphs; partial results
// where something is unknown.
#pragma once
#include <unordered_map>

#include "lib/ops/op.h"

namespace hone {

using Facts = std::unordered_map<const Value*, Fact>;

// What follows for every value (bodies included) from the constants, the declared types, and `given` (which overrides the
// declared shape of inputs, e.g. concrete run-time shapes). A node whose operator is unknown leaves its outputs unknown. A node all
// of whose inputs are known small constants is evaluated by its reference loop. Where a declaration contradicts what was
// inferred, the inferred one stands. An error if a node that always runs can never be valid.
Result<Facts> infer(const Graph&, Facts given = {});

struct Contradiction {
  const Node* node;  // that makes the value, or whose rule failed; null: the graph
  std::string what;
  int conditional = 0;    // how many branches of If around it may never run; 0 for what no branch may hold, such as a wrong type
  bool declared = false;  // a declared type or shape that is not the inferred one
};
// The same, but goes on after an error: reports every node that can never be valid, and every declared type or shape that
// contradicts the inferred one.
Facts infer(const Graph&, Facts given, std::vector<Contradiction>& found);

// Writes what infer() finds into every Value's dtype and shape. Declared and inferred must not contradict: the error names the value.
Status infer_shapes(Graph&);

// What `v` says of itself: its constant, or its declared type.
Fact declared_fact(const Value& v);

}  // namespace hone
