// SPDX-License-Identifier: Apache-2.0
// What a subcommand is. One file tools/hone/<verb>.cpp (or tools/target/<verb>.cpp) defines `extern const Command <verb>_command`.
// Help and usage errors are made from this table by cli.cpp, the man page and shell completion by pages.cpp.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/closest.h"
#include "lib/base/file.h"
#include "tools/cli/console.h"

namespace hone {

struct Option {
  std::string_view names;        // "-i,--input", or "model" (no dash) for a positional
  std::string_view value = "";   // the metavariable: "FILE", "N"; empty for a flag; ends in "..." when it may be repeated
  std::string_view help = "";
  std::string_view fallback = "";  // the default, as text; shown in --help
  bool required = false;
};

class Args {
 public:
  // By the long name without dashes ("input"), or a positional's name. REQUIRES: the command declares it.
  bool has(std::string_view name) const;           // given on the command line
  std::string text(std::string_view name) const;   // the value or its default
  std::vector<std::string> list(std::string_view name) const;
  bool flag(std::string_view name) const { return has(name); }
  // A usage error names the option when the text is no number or out of [low, high].
  Result<std::int64_t> integer(std::string_view name, std::int64_t low = INT64_MIN, std::int64_t high = INT64_MAX) const;
  Result<double> number(std::string_view name, double low = -1e300, double high = 1e300) const;
  // The global options.
  Console& console() const { return *console_; }
  int threads() const { return threads_; }           // 0: one per CPU
  std::uint64_t seed() const { return seed_; }
  bool force() const { return force_; }
  // -o: where the result goes; error when it is missing, or names a file that --force was not given for: asked first, before work is done in vain.
  Result<Path> output() const;
  // Writes a result to -o with --force respected.
  Status write(Bytes) const;

 private:
  friend class CommandLine;
  Console* console_ = nullptr;
  std::map<std::string, std::vector<std::string>, std::less<>> values_, fallbacks_;
  int threads_ = 0;
  std::uint64_t seed_ = 0;
  bool force_ = false;
};

struct Command {
  std::string_view name;
  std::string_view usage;                  // "MODEL -o OUTPUT"
  std::string_view help;                   // first line: the summary; the rest: paragraphs
  std::span<const Option> options = {};    // -o, --json and the other global options are added for every command
  // Returns the exit status: 0, or 1 for "the answer is no". An Error's code becomes the status otherwise.
  Result<int> (*run)(const Args&) = nullptr;
};

// All options of a command: its own, then the global ones (without -o when its usage says nothing of it: it has no file to write).
std::vector<const Option*> options_of(const Command&);
// "-i,--input" -> "input"; "model" -> "model".
std::string key_of(std::string_view names);
inline bool is_positional(const Option& o) { return !o.names.starts_with('-'); }

std::string_view hone_version();  // "0.1.0"

// Parses, runs, prints errors; returns the exit status. `program` is "hone" or "hone-target".
int run_program(std::string_view program, std::string_view summary, std::span<const Command* const> commands, int argc, char** argv);

}  // namespace hone
