// SPDX-License-Identifier: Apache-2.0
// hone opt: passes over a model in ONNX text, for tests of passes and for looking at what one does.
#include "lib/base/file.h"
#include <algorithm>

#include "lib/ir/text.h"
#include "lib/onnx/onnx.h"
#include "lib/ops/upgrade.h"
#include "lib/rewrite/proof.h"
#include "tools/hone/passes.h"

namespace hone {

// ONNX text from a file or standard input; a file that is not text is read as ONNX.
static Result<Model> read_model(const Path& path) {
  if (path.extension() == ".onnx") return load_onnx(path);
  TRY(const auto bytes, read_file(path));
  TRY(auto model, parse_text(as_text(bytes)).in(path == "-" ? "standard input" : path.string()));
  CHECK_OK(upgrade(model));
  return model;
}

static Result<int> run(const Args& args) {
  TRY(Model model, read_model(args.text("model")));
  TRY(const auto passes, chosen_passes(args));
  const Model before = model.clone();
  RunOptions options = run_options(args);
  options.prove = false;  // --check-equal does it below, with more inputs
  TRY(const auto reports, run_passes(model, passes, options));
  if (args.flag("check-equal")) {
    const bool approximate = std::ranges::any_of(passes, [](const Pass* p) { return p->approximate; });
    const Proof proof = prove_equal(*before.graph, *model.graph, {.seed = args.seed(), .runs = 3, .approximate = approximate});
    if (proof.verdict == Proof::Verdict::different) return bug("the result computes something else: {}", proof.detail);
    if (proof.verdict == Proof::Verdict::impossible) return invalid("cannot check for equality: {}", proof.detail);
  }
  const std::string text = print(model);
  const Path output = args.has("output") ? Path(args.text("output")) : Path("-");
  CHECK_OK(write_file(output, as_bytes(text), args.force()));
  if (args.flag("time")) say_times(args.console(), reports);
  return 0;
}

static constexpr Option options[] = {
    {"model", "MODEL", "ONNX text, or an .onnx file; - is standard input", "-"},
    {"--pass", "NAME,...", "passes to run, in this order"},
    {"--pipeline", "NAME", "or a whole pipeline"},
    {"--check-equal", "", "run both models on seeded random inputs and fail when they differ"},
    {"--print-before", "NAME,...", "print the model before these passes (* for all) to standard error"},
    {"--print-after", "NAME,...", "and after"},
    {"--time", "", "print what each pass did and how long it took to standard error"},
};
extern const Command opt_command{.name = "opt", .usage = "[MODEL] --pass NAME[,NAME...] [-o FILE]",
                                 .help = "run passes over a model in ONNX text and print the result as text\n"
                                         "Weights of more than 32 elements print as their SHA-256.",
                                 .options = options, .run = run};

}  // namespace hone
