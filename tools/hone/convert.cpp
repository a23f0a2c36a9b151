// SPDX-License-Identifier: Apache-2.0
// hone convert: the same model under another opset, IR version or file format.
#include "lib/onnx/onnx.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

Result<int> run(const Args& args) {
  SaveOptions save{.overwrite = args.force(), .external_data = args.flag("external-data")};
  if (args.has("opset")) {
    TRY(const auto opset, args.integer("opset", 7, 28));
    save.opset = static_cast<int>(opset);
  }
  if (args.has("ir")) {
    TRY(const auto ir, args.integer("ir", 3, 13));
    save.ir_version = static_cast<int>(ir);
  }
  const std::string path = args.text("model");
  TRY(const Path output, args.output());
  TRY(const Model model, load_onnx(path));
  if (args.flag("text")) {
    TRY(const std::string text, print_onnx(model, save).in(path));
    CHECK_OK(write_file(output, as_bytes(text), args.force()));
  } else {
    CHECK_OK(save_onnx(model, output, save));
  }
  return 0;
}

constexpr Option options[] = {
    {"model", "MODEL", "an ONNX model, ONNX text, or - for standard input", "", true},
    {"--opset", "N", "write this opset of ai.onnx; the default is the lowest that the model needs, but not under its own"},
    {"--ir", "N", "write this IR version; the default is the lowest valid one, but not under the model's own"},
    {"--external-data", "", "weights of 1 KiB and more go to OUTPUT.data; by itself past 1.5 GB"},
    {"--text", "", "write ONNX text (which has no place for documentation strings); also chosen by an output named .txt or .onnxtxt"},
};

}  // namespace

extern const Command convert_command{
    .name = "convert",
    .usage = "MODEL -o OUTPUT",
    .help = "write a model under another opset, IR version or format\n"
            "Weights keep their bytes. Nodes are written in the newest form that the opset has; one that needs a newer opset is an error.",
    .options = options,
    .run = run};

}  // namespace hone
