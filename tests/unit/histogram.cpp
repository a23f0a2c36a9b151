// SPDX-License-Identifier: Apache-2.0
// Histograms and their drift: the bins tile the line, and the index tells a shifted distribution from a sample of the same one.
#include "lib/stats/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace hone {
namespace {

std::vector<float> normal(std::size_t n, float mean, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> d(mean, 1);
  std::vector<float> v(n);
  for (float& x : v) x = d(random);
  return v;
}

std::uint64_t sum(const std::vector<std::uint64_t>& counts) { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

TEST(histogram, bins_are_half_open_and_tile_the_line) {
  const std::vector<double> edges{0, 1, 2};
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(histogram(edges, std::vector<float>{-inf, -1, 0, 0.5F, 1, 1.5F, 2, 3, inf, nan}), (std::vector<std::uint64_t>{2, 2, 2, 3}));
  EXPECT_EQ(histogram(edges, {}), (std::vector<std::uint64_t>{0, 0, 0, 0}));
}

TEST(histogram, quantile_edges_leave_the_ends_open_and_empty) {
  const auto values = normal(10'000, 3, 1);
  const auto edges = quantile_edges(values, 16);
  ASSERT_EQ(edges.size(), 17U);
  const auto counts = histogram(edges, values);
  EXPECT_EQ(counts.front(), 0U);
  EXPECT_EQ(counts.back(), 0U);
  for (std::size_t i = 1; i + 1 < counts.size(); ++i) EXPECT_EQ(counts[i], 625U);
}

TEST(histogram, repeated_values_are_never_cut) {
  std::vector<float> values(1000, 0.F);
  for (int i = 0; i < 100; ++i) values.push_back(static_cast<float>(i % 4 + 1));
  const auto edges = quantile_edges(values, 16);
  const auto counts = histogram(edges, values);
  EXPECT_EQ(counts[1], 1000U) << "all zeros are in one bin";
  EXPECT_EQ(sum(counts), values.size());
  const auto constant = quantile_edges(std::vector<float>(5, 2.F), 16);
  EXPECT_EQ(histogram(constant, std::vector<float>{1, 2, 2, 3}), (std::vector<std::uint64_t>{1, 2, 1}));
  const auto largest = quantile_edges({std::numeric_limits<float>::max(), std::numeric_limits<float>::infinity()}, 16);
  ASSERT_EQ(largest.size(), 1U);
  EXPECT_TRUE(std::isfinite(largest[0]));
}

TEST(histogram, argmax_of_rows) {
  EXPECT_EQ(argmax_rows(std::vector<float>{0, 3, 1, 5, 5, 2}, 3), (std::vector<float>{1, 0}));
}

TEST(histogram, drift_by_hand) {
  const std::vector<std::uint64_t> p{50, 50}, q{25, 75};
  const double expected = (0.25 - 0.5) * std::log(0.5) + (0.75 - 0.5) * std::log(1.5);
  EXPECT_NEAR(drift(p, q).index, expected, 1e-12);
  EXPECT_EQ(drift(p, p).index, 0);
  EXPECT_NEAR(drift(q, p).index, expected, 1e-12) << "symmetric";
  const std::vector<std::uint64_t> empty{0, 100, 0}, moved{0, 0, 100};
  EXPECT_GT(drift(empty, moved).index, 5);
  EXPECT_NEAR(drift(p, q).noise, 0.02 * 6.635, 0.02) << "chi-square of one degree: its 99th percentile is 6.635";
}

// Of samples of the reference's own distribution about one in a hundred exceeds `noise`; shifted ones nearly all do.
TEST(histogram, drift_tells_a_shift_from_a_small_sample) {
  const auto reference = normal(20'000, 0, 1);
  const auto edges = quantile_edges(reference, 16);
  const auto counts = histogram(edges, reference);
  int false_alarms = 0, found = 0;
  constexpr int rounds = 400;
  for (unsigned seed = 0; seed < rounds; ++seed) {
    const Drift same = drift(counts, histogram(edges, normal(200, 0, 1000 + seed))), shifted = drift(counts, histogram(edges, normal(200, 1, 5000 + seed)));
    false_alarms += same.index > same.noise;
    found += shifted.index > shifted.noise && shifted.index > 0.25;
  }
  EXPECT_LE(false_alarms, rounds * 6 / 100);
  EXPECT_EQ(found, rounds);
}

}  // namespace
}  // namespace hone
