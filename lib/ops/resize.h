// SPDX-License-Identifier: Apache-2.0
// Resampling along one axis, for Resize: which input elements an output element mixes, and how.
#pragma once
#include <optional>

#include "lib/ops/rule.h"

namespace hone {

enum class ResizeMode : std::uint8_t { nearest, linear, cubic };
enum class Coordinates : std::uint8_t {
  half_pixel,
  half_pixel_symmetric,
  pytorch_half_pixel,
  align_corners,
  asymmetric,
  tf_half_pixel_for_nn,
  tf_crop_and_resize
};
enum class Nearest : std::uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };

struct ResizeOptions {
  ResizeMode mode = ResizeMode::nearest;
  Coordinates coordinates = Coordinates::half_pixel;
  Nearest nearest = Nearest::round_prefer_floor;
  float cubic_a = -0.75f, extrapolation = 0;
  bool exclude_outside = false, antialias = false;
};
Result<ResizeOptions> resize_options(const Node&);

struct ResizeAxis {
  std::int64_t in = 1, out = 1;
  float scale = 1;
  float resized = 1;  // `out` before rounding down
  float roi_begin = 0, roi_end = 1;
  // Where output element i lies in the input.
  float at(const ResizeOptions&, std::int64_t i) const;
  // Whether that is beyond the input, where tf_crop_and_resize fills in a constant.
  bool outside(const ResizeOptions&, std::int64_t i) const;
};

// The input elements of each output element along one axis, with weights. Nearest has one tap of weight 1.
struct ResizeTap {
  std::int64_t index;
  float weight;
};
std::vector<std::vector<ResizeTap>> resize_taps(const ResizeOptions&, const ResizeAxis&);

}  // namespace hone
