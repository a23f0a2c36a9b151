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
// of whose inputs are known small constants is evaluated by its reference loop.
Result<Facts> infer(const Graph&, Facts given = {});
// Writes what infer() finds into every Value's dtype and shape. Declared and inferred must not contradict: the error names the value.
Status infer_shapes(Graph&);

}  // namespace hone
