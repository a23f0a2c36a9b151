// SPDX-License-Identifier: Apache-2.0
// hone completion bash: what a shell completes after `hone`.
#include "tools/cli/pages.h"

namespace hone {

extern const std::span<const Command* const> hone_commands;

namespace {

Result<int> run(const Args& args) {
  if (args.text("shell") != "bash") return usage_error("there is completion for bash only, not for '{}'", args.text("shell"));
  std::string text = bash_completion("hone", hone_commands);
  text.pop_back();
  args.console().say("{}", text);
  return 0;
}

constexpr Option options[] = {{"shell", "SHELL", "bash", "", true}};

}  // namespace

extern const Command completion_command{
    .name = "completion", .usage = "bash", .help = "print what makes a shell complete hone's commands and options: source <(hone completion bash)", .options = options, .run = run};

}  // namespace hone
