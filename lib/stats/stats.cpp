// SPDX-License-Identifier: Apache-2.0
#include "lib/stats/stats.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "lib/base/format.h"
#include "lib/base/random.h"

namespace hone {
namespace {

double percentile_sorted(std::span<const double> sorted, double p) {
  const double at = p / 100 * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<std::size_t>(at);
  const std::size_t j = std::min(i + 1, sorted.size() - 1);
  return sorted[i] + (sorted[j] - sorted[i]) * (at - static_cast<double>(i));
}

// The x where a rising function crosses `target`, to the last bit.
template <class F> double bisect(double low, double high, double target, F f) {
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (f(middle) < target ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

// The same as median() of scratch that may be reordered: linear time.
double median_of(std::vector<double>& v) {
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>((v.size() - 1) / 2);
  std::nth_element(v.begin(), middle, v.end());
  return v.size() % 2 == 1 ? *middle : (*middle + *std::min_element(middle + 1, v.end())) / 2;
}

Interval percentile_interval(double value, std::vector<double>& estimates, double confidence) {
  std::ranges::sort(estimates);
  return {value, percentile_sorted(estimates, 50 * (1 - confidence)), percentile_sorted(estimates, 50 * (1 + confidence))};
}

}  // namespace

double percentile(std::span<const double> samples, double p) {
  assert(!samples.empty() && p >= 0 && p <= 100);
  std::vector<double> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  return percentile_sorted(sorted, p);
}

double mean(std::span<const double> samples) {
  assert(!samples.empty());
  double sum = 0, lost = 0;  // Kahan's summation: the order of magnitude of n does not matter
  for (const double s : samples) {
    const double y = s - lost, t = sum + y;
    lost = (t - sum) - y;
    sum = t;
  }
  return sum / static_cast<double>(samples.size());
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);  // where the fraction converges quickly
  constexpr double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < tiny ? tiny : d);
  double h = d;
  const auto step = [&](double numerator) {  // Lentz's method
    d = 1 + numerator * d;
    d = 1 / (std::abs(d) < tiny ? tiny : d);
    c = 1 + numerator / c;
    if (std::abs(c) < tiny) c = tiny;
    h *= d * c;
    return std::abs(d * c - 1);
  };
  for (int m = 1; m < 100000; ++m) {
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < 1e-15) break;
  }
  return h / a * std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
}

Interval binomial_exact(std::int64_t k, std::int64_t n, double confidence) {
  assert(0 <= k && k <= n && n > 0);
  const double alpha = 1 - confidence, kd = static_cast<double>(k), nd = static_cast<double>(n);
  Interval i{kd / nd, 0, 1};
  if (k > 0) i.low = bisect(0, 1, alpha / 2, [&](double p) { return incomplete_beta(kd, nd - kd + 1, p); });
  if (k < n) i.high = bisect(0, 1, 1 - alpha / 2, [&](double p) { return incomplete_beta(kd + 1, nd - kd, p); });
  return i;
}

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  return bisect(-40, 40, p, [](double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; });
}

Interval binomial_wilson(std::int64_t k, std::int64_t n, double confidence) {
  assert(0 <= k && k <= n && n > 0);
  const double z = normal_quantile((1 + confidence) / 2), nd = static_cast<double>(n), p = static_cast<double>(k) / nd;
  const double centre = (p + z * z / (2 * nd)) / (1 + z * z / nd);
  const double half = z / (1 + z * z / nd) * std::sqrt(p * (1 - p) / nd + z * z / (4 * nd * nd));
  return {p, std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Interval bootstrap_mean(std::span<const double> samples, std::uint64_t seed, double confidence, int resamples) {
  Random random(seed);
  std::vector<double> means(static_cast<std::size_t>(resamples)), drawn(samples.size());
  for (double& m : means) {
    for (double& d : drawn) d = samples[random.below(samples.size())];
    m = mean(drawn);
  }
  return percentile_interval(mean(samples), means, confidence);
}

Interval bootstrap_ratio(std::span<const double> a, std::span<const double> b, std::uint64_t seed, double confidence, int resamples) {
  assert(a.size() == b.size() && !a.empty());
  Random random(seed);
  std::vector<double> ratios(static_cast<std::size_t>(resamples)), x(a.size()), y(a.size());
  for (double& r : ratios) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::size_t j = random.below(a.size());
      x[i] = a[j], y[i] = b[j];
    }
    r = median_of(x) / median_of(y);
  }
  return percentile_interval(median(a) / median(b), ratios, confidence);
}

double mcnemar_exact(std::int64_t only_a, std::int64_t only_b) {
  const std::int64_t n = only_a + only_b, k = std::min(only_a, only_b);
  if (n == 0) return 1;
  // P(X <= k) for X binomial (n, 1/2) is I_{1/2}(n - k, k + 1).
  return std::min(1.0, 2 * incomplete_beta(static_cast<double>(n - k), static_cast<double>(k + 1), 0.5));
}

Noise assess(std::span<const double> timings) {
  Noise noise;
  if (timings.size() < 3) return noise;
  const double middle = median(timings);
  noise.spread = percentile(timings, 90) / middle - 1;
  std::vector<double> deviations;
  for (const double t : timings) deviations.push_back(std::abs(t - middle));
  // The floor keeps a clock's granularity from making outliers of equal timings.
  const double scale = std::max(median(deviations) / 0.6745, middle * 0.005);
  const auto outlier = [&](double t) { return (t - middle) / scale > 3.5; };
  noise.outlier_share = static_cast<double>(std::ranges::count_if(timings, outlier)) / static_cast<double>(timings.size());
  const std::size_t third = std::max<std::size_t>(timings.size() / 3, 1);
  noise.drift = median(timings.last(third)) / median(timings.first(third)) - 1;
  noise.first_slow = timings.size() >= 10 && outlier(timings[0]);
  noise.noisy = noise.spread > 0.15 || noise.outlier_share > 0.10;
  noise.drifting = std::abs(noise.drift) > 0.05;
  if (noise.first_slow) noise.advice.push_back("the first timed run is much slower than the rest: raise --warmup");
  if (noise.drifting && noise.drift > 0)
    noise.advice.push_back(format("runs became {:.0f} % slower over time, as when a CPU heats up and throttles: cool it, fix its clock (cpupower frequency-set -g performance), or use fewer --threads", 100 * noise.drift));
  if (noise.drifting && noise.drift < 0)
    noise.advice.push_back(format("runs became {:.0f} % faster over time, as when a CPU clocks up: raise --warmup, or fix its clock (cpupower frequency-set -g performance)", -100 * noise.drift));
  if (noise.noisy)
    noise.advice.push_back(format("timings vary (p90 is {:.0f} % over the median, {:.0f} % are outliers): stop other programs, pin the process (taskset -c 1), or raise --runs", 100 * noise.spread, 100 * noise.outlier_share));
  return noise;
}

}  // namespace hone
