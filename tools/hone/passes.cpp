// SPDX-License-Identifier: Apache-2.0
// hone passes: the table of passes and pipelines.
#include "tools/hone/passes.h"

#include <algorithm>

#include "lib/rewrite/pipelines.h"

namespace hone {

static std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), one.size() + 1));
    if (!one.empty()) names.emplace_back(one);
  }
  return names;
}

static Result<std::vector<const Pass*>> of_pipeline(std::string_view name) {
  const auto it = std::ranges::find(all_pipelines(), name, &Pipeline::name);
  if (it == all_pipelines().end()) return usage_error("there is no pipeline '{}'; 'hone passes' lists them", name);
  return find_passes(std::vector<std::string>(it->passes.begin(), it->passes.end()));
}

Result<std::vector<const Pass*>> chosen_passes(const Args& args, std::string_view fallback) {
  if (args.has("pass") && args.has("pipeline")) return usage_error("--pass and --pipeline exclude each other");
  if (args.has("pass")) return find_passes(split(args.text("pass")));
  if (args.has("pipeline")) return of_pipeline(args.text("pipeline"));
  if (fallback.empty()) return usage_error("no passes chosen; use --pass NAME[,NAME...] ('hone passes' lists them)");
  return of_pipeline(fallback);
}

RunOptions run_options(const Args& args) {
  Console* console = &args.console();
  RunOptions options;
  options.seed = args.seed();
  options.print_before = split(args.text("print-before"));
  options.print_after = split(args.text("print-after"));
  options.print = [console](std::string_view text) { console->note("{}", text); };
  return options;
}

void say_times(Console& console, std::span<const PassReport> reports) {
  for (const PassReport& r : reports) console.note("{:24} {:5} rewrites {:>10}", r.name, r.rewrites, human_us(r.seconds * 1e6));
}

static Result<int> run(const Args& args) {
  std::vector<std::vector<std::string>> rows{{"pass", "in", "does"}};
  Json list = Json::array();
  for (const Pass* pass : all_passes()) {
    std::string in;
    Json pipelines = Json::array();
    for (const Pipeline& p : all_pipelines()) {
      if (std::ranges::find(p.passes, pass->name) == p.passes.end()) continue;
      in += format("{}{}", in.empty() ? "" : " ", p.name);
      pipelines.push_back(p.name);
    }
    rows.push_back({std::string(pass->name), in, std::string(pass->help)});
    list.push_back({{"name", pass->name}, {"help", pass->help}, {"pipelines", pipelines}, {"approximate", pass->approximate}});
  }
  args.console().table(rows);
  CHECK_OK(args.console().json({{"schema", "hone/passes/1"}, {"passes", list}}));
  return 0;
}

extern const Command passes_command{.name = "passes", .usage = "", .help = "list the passes and the pipelines they belong to", .run = run};

}  // namespace hone
