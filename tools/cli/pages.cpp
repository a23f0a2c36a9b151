// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/pages.h"

namespace hone {
namespace {

// Text for roff: a backslash and a dash mean something there, and so does a dot at the start of a line.
std::string roff(std::string_view text) {
  std::string out;
  bool fresh = true;
  for (const char c : text) {
    if (fresh && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else out += c;
    fresh = c == '\n';
  }
  return out;
}

void add_options(std::string& page, std::span<const Option* const> options) {
  for (const Option* o : options) {
    const std::string name = is_positional(*o) ? std::string(o->value) : format("{}{}{}", o->names, o->value.empty() ? "" : " ", o->value);
    page += format(".TP\n.B {}\n{}{}\n", roff(name), roff(o->help), o->fallback.empty() ? "" : format(" (default {})", roff(o->fallback)));
  }
}

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

}  // namespace

std::string man_page(std::string_view program, std::string_view summary, std::span<const Command* const> commands, std::string_view environment) {
  const std::string_view first = summary.substr(0, summary.find('\n'));
  std::string page = ".TH ", title(program);
  for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  page += format("{} 1 \"\" \"hone {}\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n.I COMMAND\n[options]\n", roff(title), hone_version(), roff(program),
                 roff(first.substr(first.find(": ") + 2)), roff(program));
  if (const std::size_t rest = summary.find("\n\n"); rest != std::string_view::npos) page += format(".SH DESCRIPTION\n{}", roff(summary.substr(rest + 2)));
  page += ".SH COMMANDS\n";
  for (const Command* c : commands) {
    page += format(".SS {} {} {}\n{}\n", roff(program), roff(c->name), roff(c->usage), roff(c->help));
    const std::vector<const Option*> all = options_of(*c);
    add_options(page, std::span(all).first(c->options.size()));
  }
  const bool writes = std::ranges::any_of(commands, [](const Command* c) { return c->usage.find("-o ") != std::string_view::npos; });
  page += format(".SH GLOBAL OPTIONS\nEvery command takes these{}.\n", writes ? "; \\-o those that write a file" : "");
  const Command any{.name = "", .usage = writes ? "-o FILE" : "", .help = ""};
  add_options(page, options_of(any));
  page += ".SH EXIT STATUS\n0 done, yes; 1 the answer is no; 2 usage; 3 invalid or unsupported model or data; 4 not trusted (signature, hash, rollback); 5 input/output; 70 a bug in Hone.\n";
  return page + format(".SH ENVIRONMENT\n{}\n", roff(environment));
}

std::string bash_completion(std::string_view program, std::span<const Command* const> commands) {
  std::string names, cases, function(program);
  for (char& c : function) c = c == '-' ? '_' : c;
  for (const Command* c : commands) {
    names += format("{}{}", names.empty() ? "" : " ", c->name);
    cases += format("    {}) words='{}' ;;\n", c->name, option_words(*c));
  }
  return format(R"(_{}() {{
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
complete -o filenames -F _{} {}
)", function, names, cases, function, program);
}

}  // namespace hone
