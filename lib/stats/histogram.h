// SPDX-License-Identifier: Apache-2.0
// Histograms of a model's outputs, and how far one has drifted from another. Bins: counts[0] below edges[0], counts[i] in [edges[i - 1], edges[i]),
// the last from the last edge on; so nothing falls outside. NaN is not counted.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace hone {

// Edges that cut the values into about `bins` bins of equal mass (quantiles); a value that fills one alone has one of its own. The open bins at both
// ends stay empty, so that what lies beyond all these values is told from them. At most 2 bins, ascending, finite. REQUIRES: some value is finite.
std::vector<double> quantile_edges(std::vector<float> values, std::size_t bins);
// REQUIRES: edges ascend.
std::vector<std::uint64_t> histogram(std::span<const double> edges, std::span<const float> values);
// The index of the highest score of each row; the first when several are equal. REQUIRES: columns > 0 divides the number of scores.
std::vector<float> argmax_rows(std::span<const float> scores, std::size_t columns);

struct Drift {
  double index = 0;  // the population stability index
  double noise = 0;  // what it exceeds once in a hundred times when nothing has drifted, for so many samples
};
// Sum over the bins of (q - p) ln(q / p), with p and q the shares of reference and present (Siddiqi: Credit Risk Scorecards, 2006, whose rule calls
// 0.1 a little and 0.25 much); a bin that one side leaves empty counts as half a sample there. Without drift it is about (1/n + 1/m) times a chi-square
// variable of bins - 1 degrees (Yurdakul: Statistical properties of population stability index, 2018), of which `noise` is the 99th percentile.
// REQUIRES: the same number of bins, at least 2; both count something.
Drift drift(std::span<const std::uint64_t> reference, std::span<const std::uint64_t> present);

}  // namespace hone
