// SPDX-License-Identifier: Apache-2.0
// hone convert: the same model under another opset, IR version or file format.
#include "lib/onnx/downgrade.h"
#include "lib/onnx/onnx.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

Result<int> run(const Args& args) {
  SaveOptions save{.overwrite = args.force(), .external_data = args.flag("external-data")};
  if (args.has("target-opset")) {
    TRY(const auto opset, args.integer("target-opset", 7, 28));
    save.opset = static_cast<int>(opset);
  }
  if (args.has("target-ir")) {
    TRY(const auto ir, args.integer("target-ir", 3, 13));
    save.ir_version = static_cast<int>(ir);
  }
  const std::string path = args.text("model");
  TRY(const Path output, args.output());
  TRY(Model model, load_onnx(path));
  if (save.opset) CHECK_OK(downgrade(model, save.opset).in(path));
  if (save.ir_version == 3) constants_as_inputs(model);
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
    {"--target-opset", "N", "write this opset of ai.onnx, 7 to 28; the default is the lowest that the model needs, but not under its own"},
    {"--target-ir", "N", "write this IR version, 3 to 13; the default is the lowest valid one, without --target-opset not under the model's own"},
    {"--external-data", "", "weights of 1 KiB and more go to OUTPUT.data; by itself past 1.5 GB"},
    {"--text", "", "write ONNX text (which has no place for documentation strings); also chosen by an output named .txt or .onnxtxt"},
};

}  // namespace

extern const Command convert_command{
    .name = "convert",
    .usage = "MODEL -o OUTPUT",
    .help = "write a model under another opset, IR version or format\n"
            "Weights keep their bytes. For an older opset nodes get the form that it has, or are written by other operators (Gelu by Erf);\n"
            "an error names the node for which there is no way, and why.",
    .options = options,
    .run = run};

}  // namespace hone
