// SPDX-License-Identifier: Apache-2.0
// What calibration remembers of a tensor: its range and a histogram, in fixed memory however much data passes.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace hone {

// At most `max_bins` bins of width 2^e, on the grid of that width. When the range outgrows them, the width doubles and pairs
// of bins merge exactly, so the final counts depend only on the values seen, not on their order or on batches: calibration
// may run on several threads. At least half of the bins lie within the range.
class Histogram {
 public:
  static constexpr std::int64_t max_bins = 4096;

  // False when a value is not finite: nothing is added then.
  bool add(std::span<const float> values);
  std::uint64_t count() const { return count_; }
  float min() const { return min_; }
  float max() const { return max_; }

  std::span<const std::uint64_t> bins() const { return counts_; }
  double width() const;
  double centre(std::size_t bin) const { return (static_cast<double>(first_) + static_cast<double>(bin) + 0.5) * width(); }
  // The value under which the share q in [0, 1] of all values lies, within a bin's width.
  double quantile(double q) const;

 private:
  void cover(float low, float high);
  std::int64_t index_of(float value) const;
  std::vector<std::uint64_t> counts_;
  std::int64_t first_ = 0;  // the grid index of counts_[0]
  int exponent_ = 0;
  float min_ = 0, max_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace hone
