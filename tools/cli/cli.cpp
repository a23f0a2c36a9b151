// SPDX-License-Identifier: Apache-2.0
// From the command tables to CLI11, and from Result to exit status.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

#include "tools/cli/command.h"

namespace hone {

// "-i,--input" -> "input"; "model" -> "model".
static std::string key_of(std::string_view names) {
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
  if (value < low || value > high) return usage_error("--{}: {} is outside [{}, {}]", name, text, low, high);
  return value;
}
Result<std::int64_t> Args::integer(std::string_view name, std::int64_t low, std::int64_t high) const { return parse_number(name, text(name), low, high); }
Result<double> Args::number(std::string_view name, double low, double high) const { return parse_number(name, text(name), low, high); }

Result<Path> Args::output() const {
  if (!has("output")) return usage_error("no output named; use -o FILE (- for standard output)");
  return Path(text("output"));
}

Status Args::write(Bytes bytes) const {
  TRY(const Path path, output());
  if (path == "-" && ::isatty(1) == 1) return usage_error("refusing to write binary data to a terminal; redirect it or use -o FILE");
  return write_file(path, bytes, force_);
}

// CLI11's help with our own usage line.
class UsageLine : public CLI::Formatter {
 public:
  explicit UsageLine(std::string line) : line_(std::move(line)) { column_width(34); }
  std::string make_usage(const CLI::App*, std::string) const override { return line_; }

 private:
  std::string line_;
};

class CommandLine {
 public:
  CommandLine(std::string_view program, std::string_view summary, std::span<const Command* const> commands)
      : program_(program), app_(std::string(summary), std::string(program)) {
    app_.set_version_flag("--version", format("{} {}", program, HONE_VERSION), "print the version");
    app_.require_subcommand(1);
    app_.failure_message(CLI::FailureMessage::simple);
    app_.footer(format("'{} COMMAND --help' tells more. Exit status: 0 done, yes; 1 the answer is no; 2 usage; 3 invalid model or data; "
                       "4 not trusted; 5 input/output; 70 a bug.", program));
    for (const Command* c : commands) add(*c);
  }

  int run(int argc, char** argv) {
    // A bare --json means standard output; without this CLI11 would take the next word for its FILE.
    std::vector<std::string> words(argv + 1, argv + argc);
    for (std::string& word : words) {
      if (word == "--") break;
      if (word == "--json") word = "--json=-";
    }
    std::ranges::reverse(words);  // as CLI11 wants them
    try {
      app_.parse(words);
    } catch (const CLI::ParseError& e) {
      if (e.get_exit_code() == 0) return app_.exit(e);
      return usage_failure(e, argc, argv);
    }
    for (const auto& bound : bound_)
      if (bound->app->parsed()) return execute(*bound);
    return 2;
  }

 private:
  struct Bound {
    const Command* command;
    CLI::App* app;
    std::map<std::string, std::vector<std::string>, std::less<>> values;
    std::map<std::string, CLI::Option*, std::less<>> options;
  };

  void add(const Command& c) {
    auto bound = std::make_unique<Bound>();
    const std::string_view summary = c.help.substr(0, c.help.find('\n'));
    bound->command = &c;
    bound->app = app_.add_subcommand(std::string(c.name), std::string(summary));
    const std::size_t rest = c.help.find('\n');
    if (rest != std::string_view::npos) bound->app->footer(std::string(c.help.substr(rest + 1)));
    bound->app->formatter(std::make_shared<UsageLine>(format("usage: {} {} {}\n", program_, c.name, c.usage)));
    for (const Option& o : c.options) add(*bound, o);
    static constexpr Option globals[] = {
        {"-o,--output", "FILE", "where the result goes; - is standard output"},
        {"--json", "[FILE]", "print the result as JSON (schema hone/<command>/1), to FILE when one is named as --json=FILE"},
        {"--seed", "N", "seed of everything random", "0"},
        {"--threads", "N", "threads; 0 is one per CPU", "0"},
        {"--color", "WHEN", "auto, always or never (NO_COLOR is honoured)", "auto"},
        {"--no-progress", "", "no progress bars"},
        {"--force", "", "overwrite existing files"},
        {"-q,--quiet", "", "errors and warnings only"},
        {"-v,--verbose", "", "say more"},
    };
    for (const Option& o : globals)
      if (!bound->options.contains(key_of(o.names))) add(*bound, o, "Global options");
    bound_.push_back(std::move(bound));
  }

  static void add(Bound& bound, const Option& o, const std::string& group = "Options") {
    const std::string key = key_of(o.names);
    const std::string help = o.fallback.empty() ? std::string(o.help) : format("{} [{}]", o.help, o.fallback);
    std::vector<std::string>& slot = bound.values[key];
    CLI::Option* option = nullptr;
    if (o.value.empty() && o.names.starts_with('-')) {
      option = bound.app->add_flag(std::string(o.names), help)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    } else {
      const bool many = o.value.ends_with("...");
      option = bound.app->add_option(std::string(o.names), slot, help)->type_name(std::string(o.value));
      if (o.value.starts_with('[')) option->expected(0, 1);
      else if (many && !o.names.starts_with('-')) option->expected(-1);
      else option->expected(1)->multi_option_policy(many ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
      if (!many || o.names.starts_with('-')) option->allow_extra_args(false);  // what follows belongs to the next positional
      if (o.required) option->required();
    }
    if (o.names.starts_with('-')) option->group(group);
    bound.options[key] = option;
  }

  int usage_failure(const CLI::ParseError& e, int argc, char** argv) {
    std::string message = e.what();
    std::vector<std::string> names;
    std::string where(program_);
    const Bound* active = nullptr;
    for (const auto& b : bound_) {
      names.emplace_back(b->command->name);
      if (b->app->parsed() || (argc > 1 && b->command->name == argv[1])) active = b.get();
    }
    if (active) {
      where += " " + std::string(active->command->name);
      names.clear();
      for (const auto& [key, option] : active->options)
        if (!option->get_lnames().empty()) names.push_back("--" + key);
    }
    for (int i = 1; i < argc; ++i) {
      const std::string_view word(argv[i]);
      const std::string_view head = word.substr(0, word.find('='));
      const bool candidate = active ? head.starts_with("--") : !head.starts_with('-');
      if (!candidate || std::ranges::find(names, head) != names.end()) continue;
      if (const std::string better = closest(head, names); !better.empty()) message += format("; did you mean '{}'?", better);
      else if (!active) message = format("there is no command '{}'", head);
      break;
    }
    std::fputs(format("error: {}\nTry '{} --help'.\n", message, where).c_str(), stderr);
    return 2;
  }

  int execute(Bound& bound) {
    Args args;
    const auto given = [&](std::string_view key) { return bound.options.find(key)->second->count() > 0; };
    for (const auto& [key, option] : bound.options) {
      if (option->count() > 0) args.values_[key] = bound.values[key];
      args.fallbacks_[key] = {};
    }
    for (const Option& o : bound.command->options)
      if (!o.fallback.empty()) args.fallbacks_[key_of(o.names)] = {std::string(o.fallback)};
    args.fallbacks_["color"] = {"auto"};
    args.fallbacks_["seed"] = args.fallbacks_["threads"] = {"0"};
    ConsoleOptions options;
    options.quiet = given("quiet");
    options.verbose = given("verbose");
    options.progress = !given("no-progress");
    const std::string color = args.text("color");
    options.color = color == "always" || (color == "auto" && ::isatty(2) == 1 && !std::getenv("NO_COLOR"));
    if (given("json")) options.json = args.text("json");
    options.data_on_stdout = given("output") && args.text("output") == "-";
    Console console(options);
    args.console_ = &console;
    args.force_ = given("force");
    const Result<int> result = start(*bound.command, args, color);
    std::fflush(stdout);
    if (result) return *result;
    const std::string_view on = options.color ? "\033[31m" : "", off = options.color ? "\033[0m" : "";
    std::fputs(format("{}error:{} {}\n", on, off, result.error().message).c_str(), stderr);
    return static_cast<int>(result.error().code);
  }

  static Result<int> start(const Command& command, Args& args, std::string_view color) {
    if (color != "auto" && color != "always" && color != "never") return usage_error("--color: '{}' is none of auto, always, never", color);
    TRY(const std::int64_t threads, args.integer("threads", 0, 1024));
    TRY(const std::int64_t seed, args.integer("seed", 0));
    args.threads_ = static_cast<int>(threads);
    args.seed_ = static_cast<std::uint64_t>(seed);
    return command.run(args);
  }

  std::string program_;
  CLI::App app_;
  std::vector<std::unique_ptr<Bound>> bound_;
};

int run_program(std::string_view program, std::string_view summary, std::span<const Command* const> commands, int argc, char** argv) {
  // The libraries are built without unwinding: running out of memory ends here, in the middle of nothing that would be lost,
  // since files are renamed into place only when whole.
  std::set_new_handler([] {
    std::fputs("error: out of memory\n", stderr);
    std::_Exit(static_cast<int>(Code::io));
  });
  return CommandLine(program, summary, commands).run(argc, argv);
}

}  // namespace hone
