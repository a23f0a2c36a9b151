// SPDX-License-Identifier: Apache-2.0
#include "lib/quant/range.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "lib/base/closest.h"

namespace hone {
namespace {

constexpr std::array<std::pair<std::string_view, Method>, 4> methods{{{"minmax", Method::minmax}, {"percentile", Method::percentile}, {"entropy", Method::entropy}, {"mse", Method::mse}}};
constexpr double levels = 255;

// The squared error of all values when [low, high] is quantized to 256 levels, each bin standing at its centre.
double squared_error(const Histogram& h, const Range& r) {
  const double step = (r.high - r.low) / levels;
  if (!(step > 0)) return HUGE_VAL;
  double sum = 0;
  const auto bins = h.bins();
  for (std::size_t i = 0; i < bins.size(); ++i) {
    if (bins[i] == 0) continue;
    const double x = h.centre(i), inside = std::clamp(x, r.low, r.high);
    // Within the range the values of a bin spread over the step's rounding error; beyond it the distance counts.
    const double beyond = x - inside;
    const double rounding = step * step / 12;
    sum += static_cast<double>(bins[i]) * (rounding + beyond * beyond);
  }
  return sum;
}

// KL(P || Q): P is what was seen with everything outside put into the end bins, Q the same through 256 levels.
double divergence(const Histogram& h, const Range& r) {
  const double w = h.width();
  std::vector<double> bins(h.bins().begin(), h.bins().end());
  // Zero is always represented exactly, and after a Relu half of the mass: counted in, it would hide all the rest.
  const auto zero = static_cast<std::size_t>(std::clamp(std::floor(-h.centre(0) / w + 0.5), 0.0, static_cast<double>(bins.size() - 1)));
  if (bins.size() > 2) bins[zero] = zero == 0 ? bins[1] : zero + 1 == bins.size() ? bins[zero - 1] : (bins[zero - 1] + bins[zero + 1]) / 2;
  std::vector<double> p;
  double below = 0, above = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double x = h.centre(i);
    if (x < r.low) below += bins[i];
    else if (x > r.high) above += bins[i];
    else p.push_back(bins[i]);
  }
  if (static_cast<double>(p.size()) < levels + 1) return HUGE_VAL;
  const std::vector<double> inside = p;
  p.front() += below;
  p.back() += above;
  const double per_level = std::max(1.0, (r.high - r.low) / w / (levels + 1));
  double kl = 0, total_p = 0, total_q = 0;
  std::vector<double> q(p.size());
  for (std::size_t begin = 0, level = 1; begin < p.size(); ++level) {
    const std::size_t end = std::max(begin + 1, std::min(p.size(), static_cast<std::size_t>(static_cast<double>(level) * per_level)));
    double mass = 0, filled = 0;
    for (std::size_t i = begin; i < end; ++i) mass += inside[i], filled += p[i] > 0;
    for (std::size_t i = begin; i < end; ++i) q[i] = p[i] > 0 ? mass / filled : 0;
    begin = end;
  }
  for (std::size_t i = 0; i < p.size(); ++i) total_p += p[i], total_q += q[i];
  if (total_q == 0) return HUGE_VAL;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] > 0) kl += p[i] / total_p * std::log(p[i] / total_p / std::max(q[i] / total_q, 1e-12));
  return kl;
}

// The best of the range shrunk to 1 .. 1/100 of itself, then each end by itself.
template <class F> Range search(const Range& whole, F cost) {
  Range best = whole;
  double least = cost(whole);
  const auto attempt = [&](const Range& r) {
    const double c = cost(r);
    if (c < least) least = c, best = r;
  };
  for (int i = 99; i > 0; --i) attempt({whole.low * i / 100, whole.high * i / 100});
  for (int round = 0; round < 2 && whole.low < 0 && whole.high > 0; ++round) {
    const Range now = best;
    for (int i = 100; i > 0; --i) attempt({whole.low * i / 100, now.high});
    const Range then = best;
    for (int i = 100; i > 0; --i) attempt({then.low, whole.high * i / 100});
  }
  return best;
}

}  // namespace

Result<Method> method_from_name(std::string_view word) {
  std::vector<std::string> names;
  for (const auto& [n, m] : methods) {
    if (n == word) return m;
    names.emplace_back(n);
  }
  const std::string near = closest(word, names);
  return usage_error("--method: '{}' is none of minmax, percentile, entropy, mse{}", word, near.empty() ? "" : format("; did you mean '{}'?", near));
}

std::string_view name(Method method) {
  return std::ranges::find(methods, method, [](const auto& row) { return row.second; })->first;
}

Range choose_range(const Histogram& h, Method method, double percentile) {
  Range whole{std::min(0.0, static_cast<double>(h.min())), std::max(0.0, static_cast<double>(h.max()))};
  if (h.count() == 0 || whole.low == whole.high) return whole;
  switch (method) {
    case Method::minmax: return whole;
    case Method::percentile: return {std::min(0.0, h.quantile(1 - percentile / 100)), std::max(0.0, h.quantile(percentile / 100))};
    case Method::entropy: return search(whole, [&](const Range& r) { return divergence(h, r); });
    case Method::mse: return search(whole, [&](const Range& r) { return squared_error(h, r); });
  }
  return whole;
}

Affine affine_of(const Range& r, DType dtype) {
  assert(dtype == DType::u8 || dtype == DType::i8);
  // Below this a scale would be subnormal, and products of scales zero.
  constexpr double least = 1e-30;
  if (dtype == DType::i8) {
    const double reach = std::max(-r.low, r.high);
    return {reach < least ? 1.0f : static_cast<float>(reach / 127), 0};
  }
  if (r.high - r.low < least) return {1.0f, 0};
  const auto scale = static_cast<float>((r.high - r.low) / levels);
  const double zero = std::nearbyint(-r.low / static_cast<double>(scale));
  return {scale, static_cast<std::int32_t>(std::clamp(zero, 0.0, levels))};
}

}  // namespace hone
