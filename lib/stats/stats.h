// SPDX-License-Identifier: Apache-2.0
// Statistics behind every number that decides a release: percentiles, exact and bootstrap intervals, paired tests, and
// what is wrong with a series of timings. Everything random is seeded, so the same samples give the same interval.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hone {

// An estimate and the interval that holds the true value with the confidence asked for.
struct Interval {
  double value = 0, low = 0, high = 0;
};

// The p-th percentile, p in [0, 100], by linear interpolation between order statistics (Hyndman, Fan: Sample Quantiles in
// Statistical Packages, 1996, type 7; what NumPy and R use). REQUIRES: samples not empty; they need not be sorted.
double percentile(std::span<const double> samples, double p);
inline double median(std::span<const double> samples) { return percentile(samples, 50); }
double mean(std::span<const double> samples);

// The exact interval of Clopper and Pearson (The use of confidence or fiducial limits illustrated in the case of the
// binomial, 1934) for k successes in n trials: never covers less than `confidence`. REQUIRES: 0 <= k <= n, n > 0.
Interval binomial_exact(std::int64_t k, std::int64_t n, double confidence = 0.95);
// Wilson's score interval (Probable inference, the law of succession, and statistical inference, 1927): shorter, approximate.
Interval binomial_wilson(std::int64_t k, std::int64_t n, double confidence = 0.95);
// I_x(a, b), the regularized incomplete beta function, by its continued fraction (DLMF 8.17.22).
double incomplete_beta(double a, double b, double x);
// The quantile of the standard normal distribution, by bisection on erfc to full precision.
double normal_quantile(double p);

// The mean with its percentile bootstrap interval (Efron, Tibshirani: An Introduction to the Bootstrap, 1993, chapter 13).
Interval bootstrap_mean(std::span<const double> samples, std::uint64_t seed, double confidence = 0.95, int resamples = 2000);
// median(a) / median(b) of measurements made in pairs (a[i] right beside b[i]), which are resampled together, so that what
// disturbs both cancels. REQUIRES: the same size, not empty, b positive.
Interval bootstrap_ratio(std::span<const double> a, std::span<const double> b, std::uint64_t seed, double confidence = 0.95, int resamples = 2000);

// McNemar's exact test on paired verdicts: `only_a` samples that only A got right, `only_b` that only B did. The two-sided
// probability of a split at least as uneven when both are equally good (binomial with p = 1/2).
double mcnemar_exact(std::int64_t only_a, std::int64_t only_b);

// What spoils a series of timings in the order they were taken.
struct Noise {
  double spread = 0;         // (p90 - median) / median
  double outlier_share = 0;  // modified Z-score over 3.5 (Iglewicz, Hoaglin: How to Detect and Handle Outliers, 1993)
  double drift = 0;          // median of the last third / median of the first third - 1
  bool noisy = false, drifting = false;
  bool first_slow = false;   // the first run is an outlier: warm-up was too short
  std::vector<std::string> advice;  // one sentence for each problem, with its cure
};
Noise assess(std::span<const double> timings);

}  // namespace hone
