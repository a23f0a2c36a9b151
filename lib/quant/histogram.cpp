// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/histogram.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace hone {

// Scaling by a power of two is exact in double for every float.
static std::int64_t grid_index(float value, int exponent) { return static_cast<std::int64_t>(std::floor(std::ldexp(static_cast<double>(value), -exponent))); }

double Histogram::width() const { return std::ldexp(1.0, exponent_); }
std::int64_t Histogram::index_of(float value) const { return grid_index(value, exponent_) - first_; }

void Histogram::cover(float low, float high) {
  // The smallest width at which the range fits: it depends on the range alone.
  const double span = std::max({static_cast<double>(high) - static_cast<double>(low), std::abs(static_cast<double>(low)) * 0x1p-40, std::abs(static_cast<double>(high)) * 0x1p-40, 0x1p-120});
  int exponent = std::ilogb(span) - 13;
  while (grid_index(high, exponent) - grid_index(low, exponent) >= max_bins) ++exponent;
  const std::int64_t first = grid_index(low, exponent);
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(grid_index(high, exponent) - first + 1));
  // A wider range needs no narrower bins, so every old bin lies within one new bin.
  assert(counts_.empty() || exponent >= exponent_);
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) counts[static_cast<std::size_t>(((first_ + static_cast<std::int64_t>(i)) >> std::min(exponent - exponent_, 63)) - first)] += counts_[i];
  counts_ = std::move(counts);
  first_ = first;
  exponent_ = exponent;
}

bool Histogram::add(std::span<const float> values) {
  if (values.empty()) return true;
  float low = values[0], high = values[0];
  bool finite = true;
  for (const float v : values) {
    finite = finite && std::isfinite(v);
    low = std::min(low, v), high = std::max(high, v);
  }
  if (!finite) return false;
  low += 0.0f, high += 0.0f;  // -0 is 0
  if (count_ == 0 || low < min_ || high > max_) {
    min_ = count_ == 0 ? low : std::min(min_, low);
    max_ = count_ == 0 ? high : std::max(max_, high);
    cover(min_, max_);
  }
  const double scale = std::ldexp(1.0, -exponent_);
  for (const float v : values) ++counts_[static_cast<std::size_t>(static_cast<std::int64_t>(std::floor(static_cast<double>(v) * scale)) - first_)];
  count_ += values.size();
  return true;
}

double Histogram::quantile(double q) const {
  assert(count_ > 0);
  const double wanted = q * static_cast<double>(count_);
  double before = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const auto here = static_cast<double>(counts_[i]);
    if (here > 0 && before + here >= wanted) {
      const double at = (static_cast<double>(first_) + static_cast<double>(i) + std::max(0.0, (wanted - before) / here)) * width();
      return std::clamp(at, static_cast<double>(min_), static_cast<double>(max_));
    }
    before += here;
  }
  return static_cast<double>(max_);
}

}  // namespace hone
