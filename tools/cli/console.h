// SPDX-License-Identifier: Apache-2.0
// Everything the tools print. Data goes to stdout; messages, warnings and progress to stderr. With --json the JSON document is
// what stdout gets (or the named file, and then the text stays on stdout); --quiet silences messages and text, not errors.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/json.h"

namespace hone {

struct ConsoleOptions {
  bool quiet = false, verbose = false, progress = true, color = false;
  std::optional<std::string> json;  // "" or "-": stdout; else a file
  bool data_on_stdout = false;      // -o -: stdout carries the result, so text goes to stderr
};

class Console {
 public:
  explicit Console(ConsoleOptions o = {}) : options_(std::move(o)) {}
  // Human text on stdout, one line; nothing when stdout carries JSON or with --quiet.
  template <class... A> void say(fmt::format_string<A...> f, A&&... a) { print_line(format(f, std::forward<A>(a)...)); }
  // Messages on stderr: note unless --quiet; detail only with --verbose; warn always.
  template <class... A> void note(fmt::format_string<A...> f, A&&... a) { message("", format(f, std::forward<A>(a)...), !options_.quiet); }
  template <class... A> void detail(fmt::format_string<A...> f, A&&... a) { message("", format(f, std::forward<A>(a)...), options_.verbose); }
  template <class... A> void warn(fmt::format_string<A...> f, A&&... a) { message("warning: ", format(f, std::forward<A>(a)...), true); }
  // A table with aligned columns; columns whose cells all look like numbers are right-aligned. First row: headings.
  void table(const std::vector<std::vector<std::string>>& rows);
  bool wants_json() const { return options_.json.has_value(); }
  // The document of --json; ignored without it. Call once. Its "schema" must be "hone/<command>/1".
  Status json(const Json& document);
  bool verbose() const { return options_.verbose; }
  bool quiet() const { return options_.quiet; }
  bool color() const { return options_.color; }

  // A bar on stderr when it is a terminal, shown once the work has lasted half a second. Thread-safe to call from one thread.
  class Progress {
   public:
    Progress(Console&, std::string label, std::int64_t total);
    ~Progress();  // erases the bar
    void at(std::int64_t done);

   private:
    struct State;
    std::unique_ptr<State> state_;
  };
  Progress progress(std::string label, std::int64_t total) { return Progress(*this, std::move(label), total); }

 private:
  void print_line(const std::string&);
  void message(std::string_view prefix, const std::string&, bool show);
  ConsoleOptions options_;
};

// "1.2 MB", "318 kB" (decimal units); "3.4 ms", "870 us".
std::string human_bytes(std::uint64_t bytes);
std::string human_us(double us);

}  // namespace hone
