// SPDX-License-Identifier: Apache-2.0
// hone help --man: the man page, made from the command tables, so that it cannot say anything else than --help does.
#include "tools/cli/command.h"

namespace hone {

extern const std::span<const Command* const> hone_commands;

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

std::string man_page() {
  std::string page = format(".TH HONE 1 \"\" \"hone {}\"\n.SH NAME\nhone \\- fuse, quantize, prune, prove and ship ONNX models for edge devices\n.SH SYNOPSIS\n.B hone\n.I COMMAND\n[options]\n.SH COMMANDS\n",
                            hone_version());
  for (const Command* c : hone_commands) {
    page += format(".SS hone {} {}\n{}\n", roff(c->name), roff(c->usage), roff(c->help));
    const std::vector<const Option*> all = options_of(*c);
    add_options(page, std::span(all).first(c->options.size()));
  }
  page += ".SH GLOBAL OPTIONS\nEvery command takes these; -o those that write a file.\n";
  const Command any{.name = "", .usage = "-o FILE", .help = ""};
  add_options(page, options_of(any));
  page += ".SH EXIT STATUS\n0 done, yes; 1 the answer is no; 2 usage; 3 invalid or unsupported model or data; 4 not trusted (signature, hash, rollback); 5 input/output; 70 a bug in Hone.\n"
          ".SH ENVIRONMENT\nNO_COLOR, HONE_ISA (generic, avx2, avx512, avx512vnni, neon), HONE_PASS_DEBUG (1, 2, 3), HONE_KEY_PASSWORD.\n";
  return page;
}

Result<int> run(const Args& args) {
  if (!args.flag("man")) return usage_error("'hone --help' lists the commands, 'hone COMMAND --help' tells more of one, and 'hone help --man' prints the man page");
  std::string page = man_page();
  page.pop_back();
  args.console().say("{}", page);
  return 0;
}

constexpr Option options[] = {{"--man", "", "print the man page: hone help --man | man -l -"}};

}  // namespace

extern const Command help_command{.name = "help", .usage = "--man", .help = "print the man page", .options = options, .run = run};

}  // namespace hone
