// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: runs any graph, node by node, by the reference loops. It is the specification for lib/exec.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "lib/ops/op.h"

namespace hone {

using NamedTensors = std::map<std::string, Tensor, std::less<>>;

// Runs one node's reference loop. The error names the node.
Result<std::vector<Tensor>> run_reference(const Node&, std::span<const Tensor* const> inputs);

// Called with each value of the main graph or a body as soon as it has been computed.
using Observer = std::function<void(const Value&, const Tensor&)>;

// Runs the whole graph. `inputs` are keyed by input name; inputs with an initializer may be left out. Checks dtype and known
// dimensions of every input (the error has a remedy: "did you mean", NHWC hint). Returns the outputs in graph order.
Result<std::vector<Tensor>> interpret(const Graph&, const NamedTensors& inputs, const Observer& observe = {});
// The check alone; also used by lib/exec.
Status check_inputs(const Graph&, const NamedTensors& inputs);

}  // namespace hone
