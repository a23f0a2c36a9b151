// SPDX-License-Identifier: Apache-2.0
// One way to execute a model, whichever executor was asked for; shared by run and conformance.
#pragma once
#include "lib/exec/session.h"

namespace hone {

using Runner = std::function<Result<std::vector<Tensor>>(const NamedTensors&)>;

// The model must outlive the runner. reference: the plain loops instead of the fast executor.
inline Result<Runner> make_runner(const Model& model, bool reference, int threads) {
  if (reference) return Runner([&graph = *model.graph](const NamedTensors& inputs) { return interpret(graph, inputs); });
  TRY(Plan plan, compile(*model.graph));
  TRY(Session session, Session::create(std::move(plan), {.threads = threads}));
  return Runner([shared = std::make_shared<Session>(std::move(session))](const NamedTensors& inputs) { return shared->run(inputs); });
}

}  // namespace hone
