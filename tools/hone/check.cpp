// SPDX-License-Identifier: Apache-2.0
// hone check: every problem of a model, with where and what to do.
#include "lib/ops/check.h"

#include "lib/onnx/onnx.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

Result<int> run(const Args& args) {
  const std::string path = args.text("model");
  TRY(const Model model, load_onnx(path));
  const std::vector<Problem> problems = check(model);
  Console& console = args.console();
  Json list = Json::array();
  std::size_t fatal = 0;
  for (const Problem& p : problems) {
    fatal += p.fatal;
    console.say("{}: {}: {}{}{}", p.fatal ? "error" : "warning", p.where, p.what, p.remedy.empty() ? "" : "; ", p.remedy);
    list.push_back({{"fatal", p.fatal}, {"where", p.where}, {"what", p.what}, {"remedy", p.remedy}});
  }
  if (problems.empty()) console.say("{}: no problems found", path);
  else console.say("{}: {} error{}, {} warning{}", path, fatal, fatal == 1 ? "" : "s", problems.size() - fatal, problems.size() - fatal == 1 ? "" : "s");
  CHECK_OK(console.json({{"schema", "hone/check/1"}, {"valid", fatal == 0}, {"problems", list}}));
  return fatal ? static_cast<int>(Code::invalid) : 0;
}

constexpr Option options[] = {{"model", "MODEL", "an ONNX model, ONNX text, or - for standard input", "", true}};

}  // namespace

extern const Command check_command{
    .name = "check",
    .usage = "MODEL",
    .help = "tell every problem of a model, and what to do about it\n"
            "Unknown operators, wrong numbers of inputs, attributes and element types, shapes that contradict each other. Exit status 3\n"
            "when a problem keeps the model from running; warnings alone give 0.",
    .options = options,
    .run = run};

}  // namespace hone
