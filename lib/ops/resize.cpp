// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/resize.h"

#include <cmath>

#include "lib/ops/saturate.h"

namespace hone {
namespace {

template <class E>
struct Name {
  std::string_view name;
  E value;
};
constexpr Name<ResizeMode> modes[] = {{"nearest", ResizeMode::nearest}, {"linear", ResizeMode::linear}, {"cubic", ResizeMode::cubic}};
constexpr Name<Coordinates> coordinates[] = {
    {"half_pixel", Coordinates::half_pixel},
    {"half_pixel_symmetric", Coordinates::half_pixel_symmetric},
    {"asymmetric", Coordinates::asymmetric},
    {"pytorch_half_pixel", Coordinates::pytorch_half_pixel},
    {"align_corners", Coordinates::align_corners},
    {"tf_half_pixel_for_nn", Coordinates::tf_half_pixel_for_nn},
    {"tf_crop_and_resize", Coordinates::tf_crop_and_resize},
};
constexpr Name<Nearest> nearest[] = {{"round_prefer_floor", Nearest::round_prefer_floor},
                                     {"round_prefer_ceil", Nearest::round_prefer_ceil},
                                     {"floor", Nearest::floor},
                                     {"ceil", Nearest::ceil}};

template <class E, std::size_t N>
Result<E> lookup(const Name<E> (&names)[N], std::string_view attribute, std::string_view text) {
  const auto it = std::ranges::find(names, text, &Name<E>::name);
  if (it == std::end(names)) return invalid("{} '{}' is not known", attribute, text);
  return it->value;
}

std::int64_t nearest_index(Nearest mode, float x) {
  switch (mode) {
    case Nearest::round_prefer_floor: return to<std::int64_t>(std::ceil(x - 0.5f));
    case Nearest::round_prefer_ceil: return to<std::int64_t>(std::floor(x + 0.5f));
    case Nearest::floor: return to<std::int64_t>(std::floor(x));
    case Nearest::ceil: return to<std::int64_t>(std::ceil(x));
  }
  return 0;
}

// The interpolation kernel at distance x >= 0 (Keys' cubic convolution, with parameter a).
float kernel(const ResizeOptions& o, float x) {
  if (o.mode == ResizeMode::linear) return std::fmax(0.0f, 1 - x);
  const float a = o.cubic_a;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

}  // namespace

Result<ResizeOptions> resize_options(const Node& node) {
  ResizeOptions o;
  TRY(o.mode, lookup(modes, "mode", node.text("mode", "nearest")));
  TRY(o.coordinates, lookup(coordinates, "coordinate_transformation_mode", node.text("coordinate_transformation_mode", "half_pixel")));
  TRY(o.nearest, lookup(nearest, "nearest_mode", node.text("nearest_mode", "round_prefer_floor")));
  o.cubic_a = node.number("cubic_coeff_a", -0.75f);
  o.extrapolation = node.number("extrapolation_value");
  o.exclude_outside = node.integer("exclude_outside") != 0;
  o.antialias = node.integer("antialias") != 0;
  return o;
}

float ResizeAxis::at(const ResizeOptions& o, std::int64_t i) const {
  const auto x = static_cast<float>(i), length = static_cast<float>(in);
  switch (o.coordinates) {
    case Coordinates::half_pixel: return (x + 0.5f) / scale - 0.5f;
    case Coordinates::half_pixel_symmetric: {
      const float adjustment = static_cast<float>(out) / resized, centre = length / 2;
      return centre * (1 - adjustment) + (x + 0.5f) / scale - 0.5f;
    }
    case Coordinates::pytorch_half_pixel: return out > 1 ? (x + 0.5f) / scale - 0.5f : 0;
    case Coordinates::align_corners: return out > 1 ? x * (length - 1) / (resized - 1) : 0;
    case Coordinates::asymmetric: return x / scale;
    case Coordinates::tf_half_pixel_for_nn: return (x + 0.5f) / scale;
    case Coordinates::tf_crop_and_resize:
      return out > 1 ? roi_begin * (length - 1) + x * (roi_end - roi_begin) * (length - 1) / (static_cast<float>(out) - 1)
                     : 0.5f * (roi_begin + roi_end) * (length - 1);
  }
  return x;
}

bool ResizeAxis::outside(const ResizeOptions& o, std::int64_t i) const {
  if (o.coordinates != Coordinates::tf_crop_and_resize) return false;
  const float x = at(o, i);
  return !(x >= 0 && x <= static_cast<float>(in - 1));
}

std::vector<std::vector<ResizeTap>> resize_taps(const ResizeOptions& o, const ResizeAxis& axis) {
  std::vector<std::vector<ResizeTap>> taps(static_cast<std::size_t>(axis.out));
  const auto clamped = [&](std::int64_t i) { return std::max<std::int64_t>(0, std::min(axis.in - 1, i)); };
  // Antialiasing widens the kernel by the factor of shrinking.
  const float widen = o.antialias && axis.scale < 1 ? 1 / axis.scale : 1;
  const float support = (o.mode == ResizeMode::linear ? 1.0f : 2.0f) * widen;
  for (std::int64_t i = 0; i < axis.out; ++i) {
    auto& out = taps[static_cast<std::size_t>(i)];
    // A coordinate far outside the input (a hostile roi) is as good as one just outside.
    const float x = std::fmax(-4.0f * support, std::fmin(static_cast<float>(axis.in) + 4.0f * support, axis.at(o, i)));
    if (o.mode == ResizeMode::nearest) {
      out.push_back({clamped(nearest_index(o.nearest, x)), 1});
      continue;
    }
    float sum = 0;
    for (auto k = to<std::int64_t>(std::floor(x - support)) + 1; static_cast<float>(k) < x + support; ++k) {
      const bool outside = k < 0 || k >= axis.in;
      if (outside && o.exclude_outside) continue;  // else the edge is repeated
      const float weight = kernel(o, std::abs(static_cast<float>(k) - x) / widen);
      out.push_back({clamped(k), weight});
      sum += weight;
    }
    if (out.empty()) out.push_back({clamped(to<std::int64_t>(std::floor(x))), sum = 1});
    if ((o.exclude_outside || widen > 1) && sum != 0)
      for (ResizeTap& t : out) t.weight /= sum;
  }
  return taps;
}

}  // namespace hone
