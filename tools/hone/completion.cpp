// SPDX-License-Identifier: Apache-2.0
// hone completion bash: what a shell completes after `hone`, from the command tables.
#include "tools/cli/command.h"

namespace hone {

extern const std::span<const Command* const> hone_commands;

namespace {

// The long and short names of a command's options.
std::string option_words(const Command& command) {
  std::string words;
  for (const Option* o : options_of(command)) {
    if (is_positional(*o)) continue;
    for (std::string_view rest = o->names; !rest.empty(); rest.remove_prefix(std::min(rest.size(), rest.find(',') + 1))) {
      words += format("{}{}", words.empty() ? "" : " ", rest.substr(0, rest.find(',')));
      if (rest.find(',') == std::string_view::npos) break;
    }
  }
  return words;
}

std::string bash() {
  std::string names, cases;
  for (const Command* c : hone_commands) {
    names += format("{}{}", names.empty() ? "" : " ", c->name);
    cases += format("    {}) words='{}' ;;\n", c->name, option_words(*c));
  }
  return format(R"(_hone() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{} --help --version' -- "$cur"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{}  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}}
complete -o filenames -F _hone hone)", names, cases);
}

Result<int> run(const Args& args) {
  if (args.text("shell") != "bash") return usage_error("there is completion for bash only, not for '{}'", args.text("shell"));
  args.console().say("{}", bash());
  return 0;
}

constexpr Option options[] = {{"shell", "SHELL", "bash", "", true}};

}  // namespace

extern const Command completion_command{
    .name = "completion", .usage = "bash", .help = "print what makes a shell complete hone's commands and options: source <(hone completion bash)", .options = options, .run = run};

}  // namespace hone
