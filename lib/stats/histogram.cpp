// SPDX-License-Identifier: Apache-2.0
#include "lib/stats/histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace hone {

std::vector<double> quantile_edges(std::vector<float> values, std::size_t bins) {
  assert(bins >= 2);
  std::erase_if(values, [](float v) { return !std::isfinite(v); });
  assert(!values.empty());
  std::ranges::sort(values);
  std::vector<double> edges{static_cast<double>(values.front())};
  const auto add = [&](float edge) {
    if (static_cast<double>(edge) > edges.back()) edges.push_back(static_cast<double>(edge));
  };
  for (std::size_t b = 1; b < bins; ++b) {
    const float value = values[b * values.size() / bins];
    const auto [begin, end] = std::ranges::equal_range(values, value);
    add(value);
    if (static_cast<std::size_t>(end - begin) >= values.size() / bins && end != values.end()) add(*end);  // such as the zeros of a Relu
  }
  const float after = std::nextafter(values.back(), std::numeric_limits<float>::infinity());
  if (std::isfinite(after)) edges.push_back(static_cast<double>(after));
  return edges;
}

std::vector<std::uint64_t> histogram(std::span<const double> edges, std::span<const float> values) {
  std::vector<std::uint64_t> counts(edges.size() + 1);
  for (const float v : values)
    if (!std::isnan(v)) ++counts[static_cast<std::size_t>(std::ranges::upper_bound(edges, static_cast<double>(v)) - edges.begin())];
  return counts;
}

std::vector<float> argmax_rows(std::span<const float> scores, std::size_t columns) {
  assert(columns > 0 && scores.size() % columns == 0);
  std::vector<float> indices;
  for (std::size_t row = 0; row < scores.size(); row += columns) {
    const auto begin = scores.begin() + static_cast<std::ptrdiff_t>(row), end = begin + static_cast<std::ptrdiff_t>(columns);
    indices.push_back(static_cast<float>(std::max_element(begin, end) - begin));
  }
  return indices;
}

Drift drift(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> present) {
  assert(reference.size() == present.size() && reference.size() >= 2);
  const auto total = [](std::span<const std::uint64_t> counts) {
    double sum = 0;
    for (const std::uint64_t n : counts) sum += static_cast<double>(n);
    return sum;
  };
  const double n = total(reference), m = total(present);
  assert(n > 0 && m > 0);
  Drift d;
  std::size_t used = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (reference[i] == 0 && present[i] == 0) continue;
    ++used;
    const double p = std::max(static_cast<double>(reference[i]), 0.5) / n, q = std::max(static_cast<double>(present[i]), 0.5) / m;
    d.index += (q - p) * std::log(q / p);
  }
  // The 99th percentile of chi-square by Wilson and Hilferty's cube (The distribution of chi-square, 1931); 2.326: the normal one.
  const double k = std::max<double>(static_cast<double>(used) - 1, 1), cube = 1 - 2 / (9 * k) + 2.3263478740408408 * std::sqrt(2 / (9 * k));
  d.noise = (1 / n + 1 / m) * k * cube * cube * cube;
  return d;
}

}  // namespace hone
