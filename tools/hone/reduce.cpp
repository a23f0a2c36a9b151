// SPDX-License-Identifier: Apache-2.0
// hone reduce: the smallest model that a shell command still finds interesting, by trying to do without one thing after another (delta debugging).
#include <unistd.h>

#include <cstdlib>

#include "lib/onnx/onnx.h"
#include "lib/ops/infer.h"
#include "lib/ops/upgrade.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

class Reducer {
 public:
  Reducer(Model model, std::string command, Path folder) : model_(std::move(model)), command_(std::move(command)), folder_(std::move(folder)) {}
  const Model& model() const { return model_; }
  int runs() const { return runs_; }

  // Exit status 0 of the command on this model. A model that cannot be written is not interesting.
  Result<bool> interesting(const Model& candidate) {
    const Path file = folder_ / "candidate.onnx";
    if (!save_onnx(candidate, file, {.overwrite = true})) return false;
    ++runs_;
    std::string line = command_;
    for (std::size_t at = 0; (at = line.find("{}", at)) != std::string::npos; at += file.string().size()) line.replace(at, 2, file.string());
    const int status = std::system(format("({}) >/dev/null 2>&1 </dev/null", line).c_str());
    if (status == -1) return io_error("cannot run a shell");
    if ((status & 0x7f) == 2) return Error{Code::io, "interrupted"};  // Ctrl-C went to the command
    return status == 0;
  }

  // One round of everything; true when the model became smaller.
  Result<bool> round(Console& console) {
    bool smaller = false;
    const std::pair<const char*, bool (*)(Graph&, std::size_t)> cuts[] = {
        {"outputs", drop_output}, {"what comes after", cut_after}, {"what comes before", cut_before}, {"nodes", bypass}, {"inputs of nodes", drop_input}};
    for (const auto& [what, cut] : cuts)
      for (std::size_t i = 0;;) {
        Model candidate = model_.clone();
        const std::size_t before = size_of(*candidate.graph);
        if (i >= 2 * before + candidate.graph->outputs.size()) break;
        if (!cut(*candidate.graph, i)) {
          ++i;
          continue;
        }
        candidate.graph->drop_dead();
        drop_unused_inputs(*candidate.graph);
        if (!verify(*candidate.graph) || (size_of(*candidate.graph) >= before && candidate.graph->outputs.size() >= model_.graph->outputs.size())) {
          ++i;
          continue;
        }
        TRY(const bool still, interesting(candidate));
        if (!still) {
          ++i;
          continue;
        }
        model_ = std::move(candidate);
        smaller = true;
        console.detail("{}: {} nodes are left", what, model_.graph->nodes().size());
      }
    return smaller;
  }

 private:
  static std::size_t size_of(const Graph& g) { return g.nodes().size() + g.values().size(); }

  static bool drop_output(Graph& g, std::size_t i) {
    if (g.outputs.size() < 2 || i >= g.outputs.size()) return false;
    g.outputs.erase(g.outputs.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  static Value* made(const Graph& g, std::size_t i) {
    if (i >= g.nodes().size()) return nullptr;
    Value* v = g.nodes()[i]->output(0);
    return v && v->dtype != DType::undefined ? v : nullptr;
  }
  // The i-th node's result is all that is returned.
  static bool cut_after(Graph& g, std::size_t i) {
    Value* v = made(g, i);
    if (!v || (g.outputs.size() == 1 && g.outputs[0] == v)) return false;
    g.outputs = {v};
    return true;
  }
  // The result of the i-th node from the end is an input.
  static bool cut_before(Graph& g, std::size_t i) {
    Value* v = i < g.nodes().size() ? made(g, g.nodes().size() - 1 - i) : nullptr;
    if (!v || g.is_output(v)) return false;
    g.replace_uses(v, g.input(v->name + "_fed", v->dtype, v->shape));
    return true;
  }
  // The i-th node's result is one of its inputs.
  static bool bypass(Graph& g, std::size_t i) {
    Value* v = made(g, i);
    if (!v || g.is_output(v)) return false;
    for (Value* in : g.nodes()[i]->inputs)
      if (in && in->dtype == v->dtype && in->shape == v->shape) return g.replace_uses(v, in), true;
    return false;
  }
  // A node does without its last input.
  static bool drop_input(Graph& g, std::size_t i) {
    if (i >= g.nodes().size() || g.nodes()[i]->inputs.size() < 2) return false;
    Node* node = g.nodes()[i];
    g.set_input(node, node->inputs.size() - 1, nullptr);
    return true;
  }
  static void drop_unused_inputs(Graph& g) {
    for (std::size_t i = g.inputs.size(); i-- > 0;) {
      Value* v = g.inputs[i];
      if (!v->users.empty() || g.is_output(v)) continue;
      g.inputs.erase(g.inputs.begin() + static_cast<std::ptrdiff_t>(i));
      g.erase(v);
    }
  }

  Model model_;
  std::string command_;
  Path folder_;
  int runs_ = 0;
};

Result<int> reduce(const Args& args, const Path& folder) {
  TRY(Model model, load_onnx(args.text("model")));
  resolve(*model.graph);
  (void)infer_shapes(*model.graph).has_value();  // a broken model is what this is for: as far as it goes
  const std::size_t before = model.graph->nodes().size();
  Reducer reducer(std::move(model), args.text("while"), folder);
  TRY(const bool interesting, reducer.interesting(reducer.model()));
  if (!interesting) return usage_error("--while: the command does not end with status 0 for the model as it is, so there is nothing to keep");
  for (bool smaller = true; smaller;) {
    TRY(smaller, reducer.round(args.console()));
  }
  CHECK_OK(save_onnx(reducer.model(), args.text("output"), {.overwrite = args.force()}));
  const std::size_t after = reducer.model().graph->nodes().size();
  args.console().say("{} to {} nodes in {} runs of the command", before, after, reducer.runs());
  CHECK_OK(args.console().json({{"schema", "hone/reduce/1"}, {"nodes_before", before}, {"nodes_after", after}, {"runs", reducer.runs()}}));
  return 0;
}

Result<int> run(const Args& args) {
  CHECK_OK(args.output());
  std::error_code ignored;
  std::string folder = (std::filesystem::temp_directory_path(ignored) / "hone-reduce-XXXXXX").string();
  if (!::mkdtemp(folder.data())) return io_error("{}: cannot make a temporary folder", folder);
  auto result = reduce(args, folder);
  std::filesystem::remove_all(folder, ignored);
  return result;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model or ONNX text", "", true},
    {"--while", "COMMAND", "a shell command in which {} stands for the model: 0 means that it still shows what is looked for", "", true},
};

}  // namespace

extern const Command reduce_command{
    .name = "reduce",
    .usage = "MODEL --while COMMAND -o OUTPUT",
    .help = "make a model as small as possible while a command still finds it interesting\n"
            "For a model that fails: hone reduce m.onnx --while 'hone run {} 2>&1 | grep -q \"does not fit\"' -o small.onnx. Outputs, nodes, inputs and\n"
            "weights are left out one after another as long as the command ends with status 0. The result does not compute what the model did.",
    .options = options,
    .run = run};

}  // namespace hone
