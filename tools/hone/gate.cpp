// SPDX-License-Identifier: Apache-2.0
// hone gate: may this candidate be released? Exit status 0 yes, 1 no, anything else: it could not be decided.
#include "lib/report/gate.h"

#include "lib/base/hash.h"
#include "tools/cli/command.h"

namespace hone {
namespace {

Result<Json> read_result(const Path& path) {
  TRY(const auto bytes, read_file(path, 1 << 28));
  TRY(Json json, parse_json(as_text(bytes)).in(path.string()));
  if (!json.is_object() || !json.contains("schema") || !json.at("schema").is_string()) return invalid("{}: is no result of hone (it has no \"schema\")", path.string());
  return json;
}

Result<std::optional<GateFile>> gate_file(const Args& args, std::string_view option) {
  if (!args.has(option)) return std::optional<GateFile>();
  const Path path = args.text(option);
  TRY(const SharedBytes file, map_file(path));
  return std::optional(GateFile{path.filename().string(), to_hex(sha256(file.bytes)), file.bytes.size()});
}

Status named_result(const Args& args, std::string_view option, std::string_view schema, std::optional<Json>& to) {
  if (!args.has(option)) return Ok{};
  TRY(Json json, read_result(args.text(option)));
  if (json.at("schema") != schema) return invalid("{}: is a {}, --{} wants a {}", args.text(option), json.at("schema").get<std::string>(), option, schema);
  to = std::move(json);
  return Ok{};
}

// Results named without an option: their schema, and the hash of the model an evaluation is of, tell what they are.
Status sort_results(const Args& args, Evidence& e) {
  for (const std::string& path : args.list("results")) {
    TRY(Json json, read_result(path));
    const auto schema = json.at("schema").get<std::string>();
    const bool of_baseline = e.baseline && json.value("model_sha256", "") == e.baseline->sha256;
    std::optional<Json>* to = schema == "hone/bench/1" ? &e.bench : schema == "hone/compare/1" ? &e.compare : nullptr;
    if (schema == "hone/eval/1") to = of_baseline ? &e.baseline_eval : &e.candidate_eval;
    if (!to) return invalid("{}: a {} decides nothing; results of eval, bench and compare do", path, schema);
    if (*to) return usage_error("{}: a second result of the same kind; name them by --candidate-eval and --baseline-eval", path);
    *to = std::move(json);
  }
  return Ok{};
}

Result<int> run(const Args& args) {
  const Path policy = args.text("policy");
  TRY(const auto text, read_file(policy, 1 << 20));
  Evidence e;
  TRY(e.candidate, gate_file(args, "candidate"));
  TRY(e.baseline, gate_file(args, "baseline"));
  CHECK_OK(named_result(args, "candidate-eval", "hone/eval/1", e.candidate_eval));
  CHECK_OK(named_result(args, "baseline-eval", "hone/eval/1", e.baseline_eval));
  CHECK_OK(named_result(args, "bench", "hone/bench/1", e.bench));
  CHECK_OK(named_result(args, "compare", "hone/compare/1", e.compare));
  CHECK_OK(sort_results(args, e));
  TRY(const std::vector<Check> checks, judge(as_text(text), e).in(policy.string()));
  const auto failed = std::ranges::count(checks, false, &Check::passed);
  std::vector<std::vector<std::string>> rows{{"check", "measured", "limit", "verdict", ""}};
  for (const Check& c : checks) rows.push_back({c.name, c.measured, c.limit, c.passed ? "pass" : "FAIL", c.detail});
  args.console().table(rows);
  args.console().say("{}", failed == 0 ? format("release: all {} checks passed", checks.size()) : format("no release: {} of {} checks failed", failed, checks.size()));
  CHECK_OK(args.console().json({{"schema", "hone/gate/1"}, {"passed", failed == 0}, {"failed", failed}, {"checks", to_json(checks)}}));
  if (args.has("junit")) CHECK_OK(write_file(args.text("junit"), as_bytes(junit_xml("hone gate", checks)), args.force()));
  if (args.has("markdown")) CHECK_OK(write_file(args.text("markdown"), as_bytes(markdown("hone gate", checks)), args.force()));
  return failed == 0 ? 0 : 1;
}

constexpr Option options[] = {
    {"--policy", "P.toml", "the limits", "", true},
    {"--candidate", "FILE", "what is to be released; results must be of this very file"},
    {"--baseline", "FILE", "what it is compared with"},
    {"--candidate-eval", "JSON", "hone eval of the candidate"},
    {"--baseline-eval", "JSON", "hone eval of the baseline"},
    {"--bench", "JSON", "hone bench of the candidate (--compare BASELINE for ratios)"},
    {"--compare", "JSON", "hone compare BASELINE CANDIDATE"},
    {"results", "RESULT...", "the same without options: told apart by what is in them"},
    {"--junit", "FILE", "write the checks as JUnit XML"},
    {"--markdown", "FILE", "write the checks as Markdown"},
};

}  // namespace

extern const Command gate_command{.name = "gate", .usage = "--policy P.toml [--candidate FILE] [--baseline FILE] [RESULT.json ...]",
                                  .help = "decide on a release from measured results; exit status 1 when a check fails\n"
                                          "A policy is TOML; every limit is optional, at least one must be there, and a limit whose measurement is missing is an error:\n"
                                          "  [accuracy]   min, min_low, max, max_high, max_drop, max_drop_high, min_samples\n"
                                          "  [latency]    max_median_us, max_p90_us, max_p99_us, max_load_us, max_ratio, max_ratio_high\n"
                                          "  [memory]     max_peak_rss_bytes\n"
                                          "  [size]       max_bytes, max_ratio\n"
                                          "  [agreement]  min_top1, min_sqnr_db, min_cosine, max_abs_error\n"
                                          "docs/gate.md tells what each means.",
                                  .options = options, .run = run};

}  // namespace hone
