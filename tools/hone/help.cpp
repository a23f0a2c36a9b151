// SPDX-License-Identifier: Apache-2.0
// hone help --man: the man page.
#include "tools/cli/pages.h"
#include "tools/hone/summary.h"

namespace hone {

extern const std::span<const Command* const> hone_commands;

namespace {

Result<int> run(const Args& args) {
  if (!args.flag("man")) return usage_error("'hone --help' lists the commands, 'hone COMMAND --help' tells more of one, and 'hone help --man' prints the man page");
  std::string page = man_page("hone", hone_summary, hone_commands, "NO_COLOR, HONE_ISA (generic, avx2, avx512, avx512vnni, neon), HONE_PASS_DEBUG (1, 2, 3), HONE_KEY_PASSWORD, SOURCE_DATE_EPOCH.");
  page.pop_back();
  args.console().say("{}", page);
  return 0;
}

constexpr Option options[] = {{"--man", "", "print the man page: hone help --man | man -l -"}};

}  // namespace

extern const Command help_command{.name = "help", .usage = "--man", .help = "print the man page", .options = options, .run = run};

}  // namespace hone
