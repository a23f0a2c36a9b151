// SPDX-License-Identifier: Apache-2.0
// One way to execute a model, whichever executor was asked for; shared by run and conformance.
#pragma once
#include "lib/ops/interpreter.h"

namespace hone {

using Runner = std::function<Result<std::vector<Tensor>>(const NamedTensors&)>;

// The model must outlive the runner.
inline Result<Runner> make_runner(const Model& model, bool /*reference*/, int /*threads*/) {
  return Runner([&graph = *model.graph](const NamedTensors& inputs) { return interpret(graph, inputs); });
}

}  // namespace hone
