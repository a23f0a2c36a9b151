// SPDX-License-Identifier: Apache-2.0
#include "lib/exec/quant.h"

#include <cmath>

namespace hone {

Requant requant_of(const Node& n) {
  return {.x_zero = static_cast<std::int32_t>(n.integer("x_zero")), .y_zero = static_cast<std::int32_t>(n.integer("y_zero")),
          .low = static_cast<std::int32_t>(n.integer("low", 0)), .high = static_cast<std::int32_t>(n.integer("high", 255))};
}

bool safe_integers(std::int64_t depth, const Tensor& multiplier, const Tensor* bias) {
  if (depth > max_int8_depth) return false;
  const auto usable = [](float m) { return std::isfinite(m) && m >= 0; };
  if (!std::ranges::all_of(multiplier.values<float>(), usable)) return false;
  if (!bias) return true;
  const std::int64_t room = INT32_MAX - depth * 255 * 128;
  return std::ranges::all_of(bias->values<std::int32_t>(), [&](std::int32_t v) { return v >= -room && v <= room; });
}

}  // namespace hone
