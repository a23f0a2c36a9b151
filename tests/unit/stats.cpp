// SPDX-License-Identifier: Apache-2.0
// Statistics against values from tables and from R (binom.test, mcnemar exact, qnorm).
#include "lib/stats/stats.h"

#include <gtest/gtest.h>

#include <cmath>

#include "lib/base/random.h"

namespace hone {
namespace {

TEST(stats, percentiles_interpolate) {
  const std::vector<double> v{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(percentile(v, 0), 1);
  EXPECT_DOUBLE_EQ(percentile(v, 50), 2.5);
  EXPECT_DOUBLE_EQ(percentile(v, 90), 3.7);
  EXPECT_DOUBLE_EQ(percentile(v, 100), 4);
  EXPECT_DOUBLE_EQ(median(std::vector<double>{7}), 7);
}

TEST(stats, clopper_pearson_known_values) {
  const Interval ten = binomial_exact(2, 10);  // R: binom.test(2, 10)
  EXPECT_NEAR(ten.low, 0.02521073, 1e-8);
  EXPECT_NEAR(ten.high, 0.55609546, 1e-8);
  const Interval none = binomial_exact(0, 20);  // 1 - 0.025^(1/20)
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 1 - std::pow(0.025, 1 / 20.0), 1e-12);
  const Interval all = binomial_exact(20, 20);
  EXPECT_NEAR(all.low, std::pow(0.025, 1 / 20.0), 1e-12);
  EXPECT_EQ(all.high, 1);
  const Interval big = binomial_exact(1850, 2000);
  EXPECT_GT(big.low, 0.912);
  EXPECT_LT(big.high, 0.937);
}

TEST(stats, wilson_known_values) {
  const Interval i = binomial_wilson(2, 10);  // R: prop.test(2, 10, correct = FALSE)
  EXPECT_NEAR(i.low, 0.05668215, 1e-8);
  EXPECT_NEAR(i.high, 0.50983752, 1e-8);
}

TEST(stats, normal_quantile_and_beta) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-15);
  EXPECT_NEAR(incomplete_beta(2, 3, 0.4), 0.5248, 1e-12);  // a polynomial for whole a, b
  EXPECT_NEAR(incomplete_beta(0.5, 0.5, 0.25), 1.0 / 3, 1e-12);  // the arcsine law
}

TEST(stats, mcnemar_known_values) {
  EXPECT_DOUBLE_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_NEAR(mcnemar_exact(1, 9), 2 * 11 / 1024.0, 1e-12);
  EXPECT_NEAR(mcnemar_exact(5, 5), 1, 1e-12);
  EXPECT_NEAR(mcnemar_exact(9, 1), mcnemar_exact(1, 9), 1e-15);
}

TEST(stats, bootstrap_is_seeded_and_of_the_width_theory_gives) {
  Random random(1);
  std::vector<double> v;
  for (int i = 0; i < 400; ++i) v.push_back(5 + random.normal());
  const Interval a = bootstrap_mean(v, 7), b = bootstrap_mean(v, 7);
  EXPECT_EQ(a.low, b.low);
  EXPECT_LT(a.low, a.value);
  EXPECT_GT(a.high, a.value);
  EXPECT_NEAR(a.value, 5, 0.15);
  EXPECT_NEAR(a.high - a.low, 2 * 1.96 / 20, 0.03);
}

TEST(stats, ratio_of_pairs_cancels_what_disturbs_both) {
  Random random(2);
  std::vector<double> a, b;
  for (int i = 0; i < 60; ++i) {
    const double load = 1 + random.uniform();  // slows both by up to two
    a.push_back(50 * load), b.push_back(100 * load);
  }
  const Interval r = bootstrap_ratio(a, b, 3);
  EXPECT_DOUBLE_EQ(r.value, 0.5);
  EXPECT_NEAR(r.low, 0.5, 1e-12);
  EXPECT_NEAR(r.high, 0.5, 1e-12);
}

TEST(stats, assess_tells_steady_from_drifting_and_noisy) {
  std::vector<double> steady(50, 100), heating, noisy(50, 100);
  for (int i = 0; i < 50; ++i) heating.push_back(100 + i);
  for (std::size_t i = 0; i < 50; i += 6) noisy[i] = 250;
  EXPECT_TRUE(assess(steady).advice.empty());
  const Noise hot = assess(heating);
  EXPECT_TRUE(hot.drifting);
  ASSERT_FALSE(hot.advice.empty());
  EXPECT_NE(hot.advice[0].find("throttles"), std::string::npos);
  EXPECT_TRUE(assess(noisy).noisy);
  EXPECT_TRUE(assess(noisy).first_slow);
}

}  // namespace
}  // namespace hone
