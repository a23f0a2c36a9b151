// SPDX-License-Identifier: Apache-2.0
// The gate decides, and fails closed.
#include "lib/report/gate.h"

#include <gtest/gtest.h>

namespace hone {
namespace {

Json eval(double value, std::string_view right, std::string_view sha) {
  return {{"schema", "hone/eval/1"}, {"model", "m.onnx"}, {"model_sha256", sha}, {"data_sha256", "d"}, {"metric", "top1"}, {"larger_is_better", true},
          {"value", value}, {"low", value - 0.1}, {"high", value + 0.1}, {"samples", 8}, {"right", right}};
}
Evidence evidence() {
  Evidence e;
  e.candidate = GateFile{"int8.onnx", "c", 100};
  e.baseline = GateFile{"float.onnx", "b", 400};
  e.candidate_eval = eval(0.75, "f3", "c");  // samples 0-5 right
  e.baseline_eval = eval(0.875, "f7", "b");  // and 6
  e.bench = Json{{"schema", "hone/bench/1"}, {"model_sha256", "c"}, {"median_us", 50}, {"p90_us", 60}, {"ratio", 0.5}, {"ratio_high", 0.6}};
  e.compare = Json{{"schema", "hone/compare/1"}, {"b_sha256", "c"}, {"outputs", {{{"output", "y"}, {"sqnr_db", 30}, {"max_abs", 0.5}}, {{"output", "z"}, {"sqnr_db", nullptr}, {"max_abs", 0}}}}};
  return e;
}
std::string refusal(std::string_view policy, const Evidence& e = evidence()) {
  const auto checks = judge(policy, e);
  return checks ? "accepted" : checks.error().message;
}
bool all_pass(std::string_view policy) {
  const auto checks = judge(policy, evidence());
  EXPECT_TRUE(checks) << (checks ? "" : checks.error().message);
  return checks && !checks->empty() && std::ranges::all_of(*checks, &Check::passed);
}

TEST(gate, limits_pass_at_the_limit_and_fail_beyond) {
  EXPECT_TRUE(all_pass("[accuracy]\nmin = 0.75\nmax_drop = 0.125\nmin_samples = 8\n[size]\nmax_ratio = 0.25\nmax_bytes = 100\n[latency]\nmax_ratio = 0.5\nmax_p90_us = 60"));
  EXPECT_FALSE(all_pass("[accuracy]\nmin = 0.76"));
  EXPECT_FALSE(all_pass("[accuracy]\nmin_low = 0.7"));
  EXPECT_FALSE(all_pass("[accuracy]\nmax_drop = 0.12"));
  EXPECT_FALSE(all_pass("[accuracy]\nmax_drop_high = 0.125"));
  EXPECT_FALSE(all_pass("[size]\nmax_bytes = 99"));
  EXPECT_FALSE(all_pass("[latency]\nmax_ratio_high = 0.55"));
  EXPECT_TRUE(all_pass("[agreement]\nmin_sqnr_db = 30\nmax_abs_error = 0.5"));
  EXPECT_FALSE(all_pass("[agreement]\nmin_sqnr_db = 31"));
}

TEST(gate, a_drop_of_just_the_limit_passes) {
  Evidence e = evidence();
  (*e.candidate_eval)["value"] = 0.9195;
  (*e.baseline_eval)["value"] = 0.9245;
  const auto checks = judge("[accuracy]\nmax_drop = 0.005", e);
  ASSERT_TRUE(checks);
  EXPECT_TRUE((*checks)[0].passed) << (*checks)[0].measured;
}

// JSON has no NaN: hone compare writes null. Only noise that is not there at all may read as a ratio without limit.
TEST(gate, what_is_not_finite_does_not_pass) {
  const auto with = [](Json output) {
    Evidence e = evidence();
    e.compare->at("outputs") = Json::array({std::move(output)});
    return e;
  };
  EXPECT_NE(refusal("[agreement]\nmin_sqnr_db = 30", with({{"output", "y"}, {"sqnr_db", nullptr}, {"max_abs", nullptr}})), "accepted");
  EXPECT_NE(refusal("[agreement]\nmin_cosine = 0.9", with({{"output", "y"}, {"cosine", nullptr}, {"max_abs", 0}})), "accepted");
  EXPECT_NE(refusal("[agreement]\nmin_top1 = 0.9", with({{"output", "y"}, {"top1_agreement", nullptr}})), "accepted");
  const auto error = judge("[agreement]\nmax_abs_error = 1", with({{"output", "y"}, {"max_abs", nullptr}}));
  ASSERT_TRUE(error);
  EXPECT_FALSE(error->at(0).passed);
}

TEST(gate, fails_closed) {
  const auto expect = [](const std::string& message, std::string_view words) { EXPECT_NE(message.find(words), std::string::npos) << message; };
  expect(refusal(""), "sets no limit");
  expect(refusal("[accuracy]\nmax_dorp = 0.1"), "did you mean 'accuracy.max_drop'");
  expect(refusal("[accuracy]\nmin = \"0.9\""), "must be a number");
  expect(refusal("[accuracy]\nmin = nan"), "must be a number");
  expect(refusal("min = 0.9"), "not in a section");
  expect(refusal("[accuracy\n"), "line 1");
  Evidence none = evidence();
  none.bench.reset();
  expect(refusal("[latency]\nmax_ratio = 1", none), "give --bench");
  Evidence other = evidence();
  (*other.candidate_eval)["model_sha256"] = "another";
  expect(refusal("[accuracy]\nmin = 0.1", other), "another file");
  Evidence metric = evidence();
  (*metric.baseline_eval)["data_sha256"] = "other data";
  expect(refusal("[accuracy]\nmax_drop = 0.1", metric), "data_sha256");
  Evidence text = evidence();
  (*text.candidate_eval)["value"] = "high";
  expect(refusal("[accuracy]\nmin = 0.1", text), "not a number");
}

}  // namespace
}  // namespace hone
