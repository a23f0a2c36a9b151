// SPDX-License-Identifier: Apache-2.0
// A model ready to execute, by whichever executor was asked for; shared by run and conformance.
#pragma once
#include "lib/exec/session.h"
#include "lib/onnx/onnx.h"
#include "tools/cli/command.h"

namespace hone {

enum class Executor {
  session,    // compiled, fast kernels
  plan,       // the same, after the plan went through bytes, as it does on the way to a device
  reference,  // the plain loops that define what is right
};

struct Executable {
  std::shared_ptr<const Graph> graph;  // inputs and outputs by name
  std::function<Result<std::vector<Tensor>>(const NamedTensors&)> run;
};

inline Result<Executable> session_executable(Plan plan, int threads) {
  TRY(Session made, Session::create(std::move(plan), {.threads = threads}));
  const auto session = std::make_shared<Session>(std::move(made));
  return Executable{std::shared_ptr<const Graph>(session, &session->graph()),
                    [session](const NamedTensors& inputs) { return session->run(inputs); }};
}

inline Result<Executable> make_executable(Model model, Executor executor, int threads) {
  if (executor == Executor::reference) {
    const std::shared_ptr<const Graph> graph = std::move(model.graph);
    return Executable{graph, [graph](const NamedTensors& inputs) { return interpret(*graph, inputs); }};
  }
  TRY(Plan plan, compile(*model.graph));
  if (executor == Executor::plan) {
    TRY(plan, Plan::open(share(plan.save_single())));
  }
  return session_executable(std::move(plan), threads);
}

inline constexpr Option reference_option{"--reference", "",
                                         "the plain reference loops, which define what is right, instead of the fast executor"};
inline constexpr Option via_option{
    "--via", "WAY", "plan: turn the compiled model to bytes and back first, as on the way to a device; interpreter: the same as --reference"};

inline Result<Executor> executor_of(const Args& args) {
  const std::string via = args.text("via");
  if (args.has("via") && via != "plan" && via != "interpreter") return usage_error("--via: '{}' is not plan or interpreter", via);
  if (via == "plan" && args.flag("reference")) return usage_error("--via plan and --reference are two different executors; choose one");
  return via == "plan" ? Executor::plan : via == "interpreter" || args.flag("reference") ? Executor::reference : Executor::session;
}

}  // namespace hone
