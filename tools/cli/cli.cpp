// SPDX-License-Identifier: Apache-2.0
// From the command tables and the words of a command line to Args, and from Result to exit status. Our own parser: CLI11's
// code alone was 170 kB of the device binary, which has 10 kB left under its limit.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <thread>

#include "lib/base/random.h"
#include "lib/ir/limits.h"
#include "tools/cli/command.h"
#include "tools/cli/printable.h"

namespace hone {

std::string key_of(std::string_view names) {
  const std::size_t dashes = names.rfind("--");
  return std::string(dashes == std::string_view::npos ? names : names.substr(dashes + 2));
}

std::string_view hone_version() { return HONE_VERSION; }

bool Args::has(std::string_view name) const { return values_.contains(name); }

std::vector<std::string> Args::list(std::string_view name) const {
  if (const auto it = values_.find(name); it != values_.end()) return it->second;
  const auto it = fallbacks_.find(name);
  assert(it != fallbacks_.end());
  return it->second;
}

std::string Args::text(std::string_view name) const {
  const std::vector<std::string> all = list(name);
  return all.empty() ? "" : all.back();
}

template <class T> static Result<T> parse_number(std::string_view name, const std::string& text, T low, T high) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return usage_error("--{}: '{}' is not a number", name, text);
  if (!(value >= low && value <= high)) return usage_error("--{}: {} is outside [{}, {}]", name, text, low, high);
  return value;
}
Result<std::int64_t> Args::integer(std::string_view name, std::int64_t low, std::int64_t high) const { return parse_number(name, text(name), low, high); }
Result<double> Args::number(std::string_view name, double low, double high) const { return parse_number(name, text(name), low, high); }

Result<Path> Args::output() const {
  if (!has("output")) return usage_error("no output named; use -o FILE (- for standard output)");
  Path path = text("output");
  CHECK_OK(may_write(path, force_));
  return path;
}

Status Args::write(Bytes bytes) const {
  const Path path = text("output");
  if (path.empty()) return output().error();
  if (path == "-" && ::isatty(1) == 1) return usage_error("refusing to write binary data to a terminal; redirect it or use -o FILE");
  return write_file(path, bytes, force_);
}

// Every command has these besides its own.
constexpr Option globals[] = {
    {"-o,--output", "FILE", "where the result goes; - is standard output"},
    {"--json", "[FILE]", "print the result as JSON (schema hone/<command>/1), to FILE when one is named as --json=FILE"},
    {"--seed", "N", "seed of everything random", "0"},
    {"--threads", "N", "threads; 0 is one per CPU", "0"},
    {"--max-memory", "BYTES", "refuse what takes more memory (500M, 2G); the default is three quarters of this machine's"},
    {"--color", "WHEN", "auto, always or never (NO_COLOR is honoured)", "auto"},
    {"--no-progress", "", "no progress bars"},
    {"--force", "", "overwrite existing files"},
    {"-q,--quiet", "", "errors and warnings only"},
    {"-v,--verbose", "", "say more"},
    {"-h,--help", "", "print this and exit"},
};

// What was printed has arrived: a full disk or a closed pipe must not look like success.
static Status flush_stdout() {
  const bool failed = std::fflush(stdout) != 0;
  if (failed || std::ferror(stdout)) return io_error("cannot write to standard output: {}", failed ? std::strerror(errno) : "what was printed is not complete");
  return Ok{};
}

// A file opened while 0, 1 or 2 is closed would get that number, and what is printed would end up in it. What stands in for a closed
// stream is opened the other way round, so that using it is an error.
static void occupy_standard_streams() {
  for (int fd = 0; fd < 3; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) (void)!::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

std::vector<const Option*> options_of(const Command& command) {
  std::vector<const Option*> all;
  for (const Option& o : command.options) all.push_back(&o);
  const bool writes = command.usage.find("-o ") != std::string_view::npos;
  for (const Option& o : globals) {
    const bool own = std::ranges::any_of(command.options, [&](const Option& mine) { return key_of(mine.names) == key_of(o.names); });
    if (!own && (writes || &o != &globals[0])) all.push_back(&o);
  }
  return all;
}

static bool repeats(const Option& o) { return o.value.ends_with("..."); }

class CommandLine {
 public:
  using Values = std::map<std::string, std::vector<std::string>, std::less<>>;

  CommandLine(std::string_view program, const Command& command) : program_(program), command_(command), options_(options_of(command)), own_(command.options.size()) {}

  int run(std::span<char* const> words) {
    if (const Status parsed = parse(words); !parsed) {
      std::fputs(format("error: {}\nTry '{} {} --help'.\n", parsed.error().message, program_, command_.name).c_str(), stderr);
      return static_cast<int>(Code::usage);
    }
    if (values_.contains("help")) return help(), 0;
    return execute();
  }

 private:
  const Option* find_long(std::string_view key) const {
    for (const Option* o : options_)
      if (key_of(o->names) == key && !is_positional(*o)) return o;
    return nullptr;
  }
  const Option* find_short(char letter) const {
    for (const Option* o : options_)
      if (o->names.size() >= 2 && o->names[0] == '-' && o->names[1] == letter) return o;
    return nullptr;
  }

  Status parse(std::span<char* const> words) {
    std::vector<std::string> loose;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string_view word = words[i];
      if (word == "--") {
        loose.insert(loose.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
        break;
      }
      if (word.size() > 2 && word.starts_with("--")) CHECK_OK(long_option(word.substr(2), words, i));
      else if (word.size() > 1 && word[0] == '-') CHECK_OK(short_options(word.substr(1), words, i));
      else loose.emplace_back(word);
    }
    if (values_.contains("help")) return Ok{};
    CHECK_OK(place(std::move(loose)));
    for (const Option* o : options_)
      if (o->required && !values_.contains(key_of(o->names))) return usage_error("{} is missing", is_positional(*o) ? o->value : o->names);
    return Ok{};
  }

  // "--name", "--name=value" or "--name value".
  Status long_option(std::string_view text, std::span<char* const> words, std::size_t& i) {
    const std::size_t equals = text.find('=');
    const std::string key(text.substr(0, equals));
    const Option* o = find_long(key);
    if (!o) {
      std::vector<std::string> names;
      for (const Option* known : options_)
        if (!is_positional(*known)) names.push_back(key_of(known->names));
      const std::string meant = closest(key, names);
      if (key == "output") return no_output();
      return usage_error("there is no option --{}{}", key, meant.empty() ? "" : format("; did you mean '--{}'?", meant));
    }
    if (equals == std::string_view::npos) return take(*o, std::nullopt, words, i);
    if (o->value.empty()) return usage_error("--{} takes no value", key);
    return take(*o, std::string(text.substr(equals + 1)), words, i);
  }

  Error no_output() const { return usage_error("'{}' prints its result and writes no file; redirect it, or use --json=FILE", command_.name); }

  // "-q", "-qv", "-oFILE", "-o FILE".
  Status short_options(std::string_view letters, std::span<char* const> words, std::size_t& i) {
    while (!letters.empty()) {
      const Option* o = find_short(letters[0]);
      if (!o && letters[0] == 'o') return no_output();
      if (!o) return usage_error("there is no option -{}", letters[0]);
      letters.remove_prefix(1);
      if (!o->value.empty() && !letters.empty()) return take(*o, std::string(letters), words, i);
      CHECK_OK(take(*o, std::nullopt, words, i));
    }
    return Ok{};
  }

  Status take(const Option& o, std::optional<std::string> value, std::span<char* const> words, std::size_t& i) {
    std::vector<std::string>& values = values_[key_of(o.names)];
    if (o.value.empty()) return Ok{};
    if (!value && o.value.starts_with('[')) value = "-";  // an optional value is only taken after '='
    if (!value) {
      if (i + 1 >= words.size()) return usage_error("{} wants a value: {}", o.names, o.value);
      value = words[++i];
    }
    if (!repeats(o)) values.clear();
    values.push_back(std::move(*value));
    return Ok{};
  }

  // Positionals in order; one that repeats takes what the ones after it leave.
  Status place(std::vector<std::string> loose) {
    std::vector<const Option*> wanted;
    for (const Option* o : options_)
      if (is_positional(*o)) wanted.push_back(o);
    std::size_t next = 0;
    for (std::size_t p = 0; p < wanted.size() && next < loose.size(); ++p) {
      const std::size_t after = wanted.size() - p - 1, left = loose.size() - next;
      const std::size_t count = repeats(*wanted[p]) && left > after ? left - after : 1;
      std::vector<std::string>& values = values_[key_of(wanted[p]->names)];
      while (values.size() < count) values.push_back(std::move(loose[next++]));
    }
    if (next < loose.size()) return usage_error("'{}' is one word too many; usage: {} {} {}", loose[next], program_, command_.name, command_.usage);
    return Ok{};
  }

  void help() const {
    const std::size_t line = command_.help.find('\n');
    std::string text = format("{}\nusage: {} {} {}\n", command_.help.substr(0, line), program_, command_.name, command_.usage);
    const auto list = [&](std::string_view title, std::size_t begin, std::size_t end) {
      if (begin < end) text += format("\n{}:\n", title);
      for (std::size_t i = begin; i < end; ++i) {
        const Option& o = *options_[i];
        const std::string left = is_positional(o) ? format("  {}", o.value) : format("  {} {}", o.names, o.value);
        text += format("{:<34}{}{}{}\n", left, left.size() > 33 ? " " : "", o.help, o.fallback.empty() ? "" : format(" [{}]", o.fallback));
      }
    };
    list("Options", 0, own_);
    list("Global options", own_, options_.size());
    if (line != std::string_view::npos) text += format("\n{}\n", command_.help.substr(line + 1));
    std::fputs(text.c_str(), stdout);
  }

  int execute() {
    Args args;
    args.values_ = values_;
    for (const Option* o : options_) {
      std::vector<std::string>& fallback = args.fallbacks_[key_of(o->names)];
      if (!o->fallback.empty()) fallback = {std::string(o->fallback)};
    }
    ConsoleOptions options;
    options.quiet = values_.contains("quiet");
    options.verbose = values_.contains("verbose");
    options.progress = !values_.contains("no-progress");
    const std::string color = args.text("color");
    options.color = color == "always" || (color == "auto" && ::isatty(2) == 1 && !std::getenv("NO_COLOR"));
    if (values_.contains("json")) options.json = args.text("json");
    options.data_on_stdout = values_.contains("output") && args.text("output") == "-";
    Console console(options);
    args.console_ = &console;
    args.force_ = values_.contains("force");
    Result<int> result = start(args, color);
    if (const Status printed = flush_stdout(); !printed && result) result = printed.error();
    if (result) return *result;
    const std::string_view on = options.color ? "\033[31m" : "", off = options.color ? "\033[0m" : "";
    std::fputs(format("{}error:{} {}\n", on, off, printable(result.error().message)).c_str(), stderr);
    return static_cast<int>(result.error().code);
  }

  // "500M" is 500 * 2^20. A node that would go past the limit is named (lib/ir/limits.h); whatever else would, the kernel refuses.
  Status limit_memory([[maybe_unused]] int threads) const {
    const auto given = values_.find("max-memory");
    std::uint64_t bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGE_SIZE)) / 4 * 3;
    if (given != values_.end()) {
      std::string text = given->second.back();
      const std::size_t unit = text.empty() ? std::string::npos : std::string_view("KMGT").find(text.back());
      if (unit != std::string::npos) text.pop_back();
      const int shift = unit == std::string::npos ? 0 : 10 * static_cast<int>(unit + 1);
      TRY(bytes, parse_number<std::uint64_t>("max-memory", text, 1, UINT64_MAX >> 20 >> shift));
      bytes <<= shift;
    }
    limits().memory_bytes = bytes;
#ifndef HONE_SANITIZED  // sanitizers reserve terabytes
    constexpr std::uint64_t beside = 64 << 20, stack = 8 << 20;
    const std::uint64_t all = bytes + beside + stack * (threads ? static_cast<std::uint64_t>(threads) : std::thread::hardware_concurrency());
    rlimit most{};
    if (::getrlimit(RLIMIT_DATA, &most) == 0 && all < most.rlim_cur) most.rlim_cur = all, ::setrlimit(RLIMIT_DATA, &most);
#endif
    return Ok{};
  }

  Result<int> start(Args& args, std::string_view color) const {
    if (color != "auto" && color != "always" && color != "never") return usage_error("--color: '{}' is none of auto, always, never", color);
    TRY(const std::int64_t threads, args.integer("threads", 0, 1024));
    TRY(const std::int64_t seed, args.integer("seed", 0));
    const bool json_on_stdout = values_.contains("json") && args.text("json") == "-";
    if (json_on_stdout && values_.contains("output") && args.text("output") == "-") return usage_error("-o - and --json both want standard output; use --json=FILE");
    std::error_code none;
    const Path json = values_.contains("json") ? args.text("json") : "";
    if (!json.empty() && std::filesystem::file_size(json, none) > 0 && !none) CHECK_OK(may_write(json, args.force_));
    args.threads_ = static_cast<int>(threads);
    process_seed = args.seed_ = static_cast<std::uint64_t>(seed);
    CHECK_OK(limit_memory(args.threads_));
    return command_.run(args);
  }

  std::string_view program_;
  const Command& command_;
  std::vector<const Option*> options_;  // the command's own, then the global ones
  std::size_t own_ = 0;
  Values values_;
};

static void program_help(std::string_view program, std::string_view summary, std::span<const Command* const> commands) {
  std::string text = format("{}\nusage: {} COMMAND ...\n\nCommands:\n", summary, program);
  for (const Command* c : commands) text += format("  {:<14}{}\n", c->name, c->help.substr(0, c->help.find('\n')));
  text += format("\n'{} COMMAND --help' tells more; --version prints the version.\n"
                 "Exit status: 0 done, yes; 1 the answer is no; 2 usage; 3 invalid model or data; 4 not trusted; 5 input/output; 70 a bug.\n", program);
  std::fputs(text.c_str(), stdout);
}

int run_program(std::string_view program, std::string_view summary, std::span<const Command* const> commands, int argc, char** argv) {
  // The libraries are built without unwinding: running out of memory ends here, in the middle of nothing that would be lost,
  // since files are renamed into place only when whole.
  std::set_new_handler([] {
    std::fputs("error: out of memory; --max-memory BYTES allows more, where the machine has it\n", stderr);
    std::_Exit(static_cast<int>(Code::io));
  });
  std::set_terminate([] {  // an exception of the standard library that no one expected
    std::fputs("error: a bug in Hone: it gave up where it should have told what is wrong; please report the command and its input\n", stderr);
    std::_Exit(static_cast<int>(Code::bug));
  });
  occupy_standard_streams();
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  const std::string_view verb = argc > 1 ? words[1] : "";
  const bool own_help = std::ranges::any_of(commands, [](const Command* c) { return c->name == "help"; });
  if (verb == "--help" || verb == "-h" || (verb == "help" && (!own_help || argc == 2))) return program_help(program, summary, commands), flush_stdout() ? 0 : static_cast<int>(Code::io);
  if (verb == "--version") return std::fputs(format("{} {}\n", program, HONE_VERSION).c_str(), stdout), flush_stdout() ? 0 : static_cast<int>(Code::io);
  std::vector<std::string> names;
  for (const Command* c : commands) {
    if (c->name == verb) return CommandLine(program, *c).run(words.subspan(2));
    names.emplace_back(c->name);
  }
  const std::string meant = closest(verb, names);
  const std::string what = verb.empty() ? "no command given" : format("there is no command '{}'{}", verb, meant.empty() ? "" : format("; did you mean '{}'?", meant));
  std::fputs(format("error: {}\nTry '{} --help'.\n", what, program).c_str(), stderr);
  return static_cast<int>(Code::usage);
}

}  // namespace hone
