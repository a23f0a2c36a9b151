// SPDX-License-Identifier: Apache-2.0
// hone compile: a model as a plan, the form that hone-target runs.
#include "lib/exec/session.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/device.h"
#include "lib/rewrite/pass.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

std::size_t count_nodes(const Graph& graph) {
  std::size_t n = graph.nodes().size();
  for (const Node* node : graph.nodes()) node->each_body([&](const Graph& body) { n += count_nodes(body); });
  return n;
}

Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  const Path path = args.text("model");
  TRY(Model model, load_onnx(path));
  const std::size_t before = count_nodes(*model.graph);
  CHECK_OK(run_pipeline(model, "expand", {.prove = false}).in(path.string()));
  CompileOptions options;
  options.layout = !args.flag("no-layout");
  options.integers = !args.flag("no-integers");
  options.fuse = !args.flag("no-fuse");
  TRY(const Plan plan, compile(*model.graph, options).in(path.string()));
  CHECK_OK(check_device(plan.graph()).in(path.string()));
  const std::vector<std::byte> bytes = plan.save_single();
  CHECK_OK(args.write(bytes));
  const std::size_t after = count_nodes(plan.graph());
  args.console().note("{} nodes became {}; the plan has {}", before, after, human_bytes(bytes.size()));
  CHECK_OK(args.console().json({{"schema", "hone/compile/1"}, {"nodes_before", before}, {"nodes_after", after}, {"bytes", bytes.size()}}));
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model, ONNX text, or - for standard input", "", true},
    {"--no-layout", "", "keep images channels first"},
    {"--no-integers", "", "run QuantizeLinear and DequantizeLinear as they are, with float arithmetic between"},
    {"--no-fuse", "", "keep activations, additions and biases as operators of their own"},
};

}  // namespace

extern const Command compile_command{
    .name = "compile",
    .usage = "MODEL -o PLAN",
    .help =
        "lower a model to a plan, which hone-target runs\nThe plan is one file with its weights; the same model gives the same bytes. "
        "The --no-... options are for finding out which step changes a result.",
    .options = options,
    .run = run};

}  // namespace hone
