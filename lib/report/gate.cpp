// SPDX-License-Identifier: Apache-2.0
#include "lib/report/gate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include <toml++/toml.h>

#include "lib/base/closest.h"
#include "lib/stats/stats.h"

namespace hone {
namespace {

struct Measured {
  double value;
  std::string detail;
};

Result<double> number(const std::optional<Json>& document, std::string_view option, std::string_view key) {
  if (!document) return invalid("no measurement; give {}", option);
  const auto it = document->find(key);
  if (it == document->end()) return invalid("the result given by {} has no '{}'", option, key);
  if (!it->is_number()) return invalid("'{}' in the result given by {} is not a number", key, option);
  const double value = it->get<double>();
  if (!std::isfinite(value)) return invalid("'{}' in the result given by {} is not finite", key, option);
  return value;
}

Result<Measured> eval_value(const Evidence& e, std::string_view key) {
  TRY(const double value, number(e.candidate_eval, "--candidate-eval", key));
  return Measured{value, format("{} of {}", (*e.candidate_eval).value("metric", "metric"), (*e.candidate_eval).value("model", "the candidate"))};
}
Result<Measured> bench_value(const Evidence& e, std::string_view key) {
  TRY(const double value, number(e.bench, "--bench", key));
  return Measured{value, ""};
}

// Which samples were right, one entry each; nothing unless the document carries them all.
std::vector<bool> right_of(const Json& document) {
  std::vector<bool> right;
  const std::string digits = document.value("right", "");
  const auto samples = document.value("samples", std::int64_t{0});
  if (samples <= 0 || static_cast<std::int64_t>(digits.size()) != (samples + 3) / 4) return right;
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(digits[static_cast<std::size_t>(i / 4)]);
    if (digit == std::string_view::npos) return {};
    right.push_back(digit >> (i % 4) & 1);
  }
  return right;
}

Status same_conditions(const Json& a, const Json& b) {
  for (const std::string_view key : {"metric", "data_sha256", "samples"})
    if (!a.contains(key) || !b.contains(key) || a.at(key) != b.at(key))
      return invalid("the two evaluations differ in '{}', so they cannot be compared; evaluate both with the same data and metric", key);
  return Ok{};
}

// How much worse the candidate is; `upper`: the end of its 95 % interval, paired by sample.
Result<Measured> drop(const Evidence& e, bool upper) {
  TRY(const double candidate, number(e.candidate_eval, "--candidate-eval", "value"));
  TRY(const double baseline, number(e.baseline_eval, "--baseline-eval", "value"));
  CHECK_OK(same_conditions(*e.candidate_eval, *e.baseline_eval));
  const bool larger = e.candidate_eval->value("larger_is_better", true);
  const double worse = larger ? baseline - candidate : candidate - baseline;
  const std::vector<bool> a = right_of(*e.candidate_eval), b = right_of(*e.baseline_eval);
  std::string detail = format("{:.6g} against {:.6g}", candidate, baseline);
  if (a.empty() || a.size() != b.size()) {
    if (upper) return invalid("needs which samples were right, which only metrics top1 and top5 of 'hone eval' record");
    return Measured{worse, detail};
  }
  std::vector<double> difference;
  std::int64_t only_a = 0, only_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    only_a += a[i] && !b[i], only_b += b[i] && !a[i];
    difference.push_back(static_cast<double>(b[i]) - static_cast<double>(a[i]));
  }
  detail += format("; {} samples only the candidate got right, {} only the baseline; McNemar p = {:.3g}", only_a, only_b, mcnemar_exact(only_a, only_b));
  return Measured{upper ? bootstrap_mean(difference, 0).high : worse, detail};
}

Result<Measured> compare_worst(const Evidence& e, std::string_view key, bool smallest) {
  if (!e.compare) return invalid("no measurement; give --compare");
  const auto outputs = e.compare->find("outputs");
  if (outputs == e.compare->end() || !outputs->is_array() || outputs->empty()) return invalid("the result given by --compare has no outputs");
  std::optional<Measured> worst;
  for (const Json& output : *outputs) {
    if (!output.is_object() || !output.contains(key)) continue;
    const Json& v = output.at(key);
    if (!v.is_number() && !v.is_null()) return invalid("'{}' in the result given by --compare is not a number", key);
    // JSON has no infinity. Without any noise the ratio is infinite, and so is the error of a NaN; nothing else may be null.
    const bool noiseless = key == "sqnr_db" && output.contains("max_abs") && output.at("max_abs") == 0;
    if (v.is_null() && !noiseless && key != "max_abs") return invalid("'{}' in the result given by --compare is not finite", key);
    const double value = v.is_null() ? HUGE_VAL : v.get<double>();
    if (!worst || (smallest ? value < worst->value : value > worst->value)) worst = Measured{value, format("output '{}'", output.value("output", ""))};
  }
  if (!worst) return invalid("no output of the result given by --compare has '{}'", key);
  return *worst;
}

Result<Measured> size_of(const Evidence& e, bool ratio) {
  if (!e.candidate) return invalid("no candidate; give --candidate FILE");
  if (!ratio) return Measured{static_cast<double>(e.candidate->bytes), e.candidate->name};
  if (!e.baseline || e.baseline->bytes == 0) return invalid("no baseline to compare with; give --baseline FILE");
  return Measured{static_cast<double>(e.candidate->bytes) / static_cast<double>(e.baseline->bytes), format("{} against {} bytes", e.candidate->bytes, e.baseline->bytes)};
}

struct Row {
  GateKey key;
  bool at_most;  // else: at least
  Result<Measured> (*measure)(const Evidence&);
};
#define HONE_BENCH(k) [](const Evidence& e) { return bench_value(e, k); }
const Row rows[] = {
    {{"accuracy.min", "least value of the metric"}, false, [](const Evidence& e) { return eval_value(e, "value"); }},
    {{"accuracy.min_low", "least lower end of its 95 % interval"}, false, [](const Evidence& e) { return eval_value(e, "low"); }},
    {{"accuracy.max", "largest value, for errors such as mse"}, true, [](const Evidence& e) { return eval_value(e, "value"); }},
    {{"accuracy.max_high", "largest upper end of its 95 % interval"}, true, [](const Evidence& e) { return eval_value(e, "high"); }},
    {{"accuracy.max_drop", "how much worse than the baseline the metric may be"}, true, [](const Evidence& e) { return drop(e, false); }},
    {{"accuracy.max_drop_high", "the same for the upper end of the drop's 95 % interval, paired by sample"}, true, [](const Evidence& e) { return drop(e, true); }},
    {{"accuracy.min_samples", "least number of samples evaluated"}, false, [](const Evidence& e) { return eval_value(e, "samples"); }},
    {{"latency.max_median_us", "median of one run, in microseconds"}, true, HONE_BENCH("median_us")},
    {{"latency.max_p90_us", "90th percentile"}, true, HONE_BENCH("p90_us")},
    {{"latency.max_p99_us", "99th percentile"}, true, HONE_BENCH("p99_us")},
    {{"latency.max_load_us", "from the file to the first result"}, true, HONE_BENCH("load_us")},
    {{"latency.max_ratio", "median against the baseline's, timed in turns (bench --compare)"}, true, HONE_BENCH("ratio")},
    {{"latency.max_ratio_high", "the upper end of that ratio's 95 % interval"}, true, HONE_BENCH("ratio_high")},
    {{"memory.max_peak_rss_bytes", "peak memory of a process that loads and runs the model"}, true, HONE_BENCH("peak_rss_bytes")},
    {{"size.max_bytes", "size of the candidate's file"}, true, [](const Evidence& e) { return size_of(e, false); }},
    {{"size.max_ratio", "the same against the baseline's file"}, true, [](const Evidence& e) { return size_of(e, true); }},
    {{"agreement.min_top1", "least share of samples with the same highest class, over all outputs"}, false, [](const Evidence& e) { return compare_worst(e, "top1_agreement", true); }},
    {{"agreement.min_sqnr_db", "least signal-to-quantization-noise ratio"}, false, [](const Evidence& e) { return compare_worst(e, "sqnr_db", true); }},
    {{"agreement.min_cosine", "least cosine similarity"}, false, [](const Evidence& e) { return compare_worst(e, "cosine", true); }},
    {{"agreement.max_abs_error", "largest difference of any element"}, true, [](const Evidence& e) { return compare_worst(e, "max_abs", false); }},
};
#undef HONE_BENCH

// Measured by hone-target trial (docs/gate.md), where the same policy is a release's health gate.
constexpr std::string_view device_only[] = {"latency.max_p95_us", "latency.max_p95_ratio", "drift.max_index", "temperature.max_celsius"};

// section.key -> limit. Unknown sections and keys, and values that are no numbers, are errors.
Result<std::map<std::string, double>> parse_policy(std::string_view text) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& e) {
    return invalid("line {}: {}", e.source().begin.line, e.description());
  }
  std::vector<std::string> known;
  for (const Row& row : rows) known.emplace_back(row.key.name);
  std::map<std::string, double> limits;
  for (const auto& [section, node] : table) {
    const toml::table* keys = node.as_table();
    if (!keys) return invalid("line {}: '{}' is not in a section such as [accuracy]", node.source().begin.line, section.str());
    for (const auto& [key, value] : *keys) {
      const std::string name = format("{}.{}", section.str(), key.str());
      const auto line = value.source().begin.line;
      if (std::ranges::find(device_only, name) != std::end(device_only)) continue;
      if (std::ranges::find(known, name) == known.end()) {
        const std::string near = closest(name, known);
        return invalid("line {}: '{}' is no limit{}", line, name, near.empty() ? "; 'hone gate --help' lists them" : format("; did you mean '{}'?", near));
      }
      const auto limit = value.value<double>();
      if (!limit || !std::isfinite(*limit)) return invalid("line {}: '{}' must be a number", line, name);
      limits[name] = *limit;
    }
  }
  if (limits.empty()) return invalid("sets no limit that is measured here, so it would pass anything; 'hone gate --help' lists what it may limit");
  return limits;
}

// A result must be of the file that is to be released.
Status same_file(const std::optional<GateFile>& file, const std::optional<Json>& document, std::string_view key, std::string_view option) {
  if (!file || !document) return Ok{};
  const std::string told = document->value(key, "");
  if (told == file->sha256) return Ok{};
  return invalid("the result given by {} is of another file ({}) than {}; measure again", option, told.empty() ? "unnamed" : told.substr(0, 12), file->name);
}

}  // namespace

std::span<const GateKey> gate_keys() {
  static const std::vector<GateKey> keys = [] {
    std::vector<GateKey> all;
    for (const Row& row : rows) all.push_back(row.key);
    return all;
  }();
  return keys;
}

Result<std::vector<Check>> judge(std::string_view policy_toml, const Evidence& evidence) {
  TRY(const auto limits, parse_policy(policy_toml));
  CHECK_OK(same_file(evidence.candidate, evidence.candidate_eval, "model_sha256", "--candidate-eval"));
  CHECK_OK(same_file(evidence.baseline, evidence.baseline_eval, "model_sha256", "--baseline-eval"));
  CHECK_OK(same_file(evidence.candidate, evidence.bench, "model_sha256", "--bench"));
  CHECK_OK(same_file(evidence.candidate, evidence.compare, "b_sha256", "--compare"));
  if (evidence.bench && evidence.bench->contains("baseline_model_sha256")) CHECK_OK(same_file(evidence.baseline, evidence.bench, "baseline_model_sha256", "--bench"));
  std::vector<Check> checks;
  for (const Row& row : rows) {
    const auto limit = limits.find(std::string(row.key.name));
    if (limit == limits.end()) continue;
    TRY(const Measured measured, row.measure(evidence).in(row.key.name));
    // 0.9245 - 0.9195 is a hair over 0.005 in binary: what equals the limit in decimal passes.
    const double slack = 1e-12 * std::max(1.0, std::abs(limit->second));
    const bool passed = row.at_most ? measured.value <= limit->second + slack : measured.value >= limit->second - slack;
    checks.push_back({std::string(row.key.name), passed, format("{:.6g}", measured.value), format("{} {:.6g}", row.at_most ? "<=" : ">=", limit->second), measured.detail});
  }
  return checks;
}

}  // namespace hone
