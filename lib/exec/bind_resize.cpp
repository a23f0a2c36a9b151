// SPDX-License-Identifier: Apache-2.0
// Resize of channels-last images: nearest of any element type, linear of float32. The coordinates are the operator's own.
#include <array>

#include "lib/exec/bind.h"
#include "lib/ops/resize.h"

namespace hone {
namespace {

// The spatial axes as the operator sees them: from scales (input 2) or sizes (input 3). Nothing when neither is known.
std::optional<std::vector<ResizeAxis>> axes_of(const Site& s) {
  const Dims x = s.dims(0), y = s.out_dims();
  const Tensor *scales = s.constant(2), *sizes = s.constant(3);
  const bool by_scales = scales && scales->count() > 0;
  if (!by_scales && (!sizes || sizes->count() != 4)) return std::nullopt;
  std::vector<ResizeAxis> axes;
  for (std::size_t i = 0; i < 4; ++i) {
    ResizeAxis a{.in = x[i], .out = y[i]};
    if (a.in < 1 || a.in > INT32_MAX) return std::nullopt;
    a.scale = by_scales ? scales->to_floats()[i] : static_cast<float>(a.out) / static_cast<float>(a.in);
    a.resized = by_scales ? a.scale * static_cast<float>(a.in) : static_cast<float>(a.out);
    axes.push_back(a);
  }
  return axes;
}

}  // namespace

bool bind_resize(const Site& s, Binding& b) {
  const auto options = resize_options(s.node);
  const bool plain = options && options->coordinates != Coordinates::tf_crop_and_resize && !options->antialias &&
                     !s.node.attributes.contains("axes") && s.node.text("keep_aspect_ratio_policy", "stretch") == "stretch";
  if (!plain || s.dims(0).size() != 4 || bits(s.dtype(0)) < 8) return false;
  const bool nearest = options->mode == ResizeMode::nearest;
  if (!nearest && (options->mode != ResizeMode::linear || s.dtype(0) != DType::f32 || options->exclude_outside)) return false;
  const auto axes = axes_of(s);
  if (!axes) return false;
  for (const std::size_t still : {0, 3})
    if ((*axes)[still].in != (*axes)[still].out || (*axes)[still].scale != 1) return false;
  // int32 input indices, or float positions; one table for rows, one for columns.
  auto tables = std::make_shared<std::array<std::vector<std::uint32_t>, 2>>();
  for (const std::size_t i : {0, 1}) {
    const ResizeAxis& axis = (*axes)[i + 1];
    const auto taps = nearest ? resize_taps(*options, axis) : std::vector<std::vector<ResizeTap>>{};
    for (std::int64_t k = 0; k < axis.out; ++k)
      (*tables)[i].push_back(nearest ? static_cast<std::uint32_t>(taps[static_cast<std::size_t>(k)][0].index)
                                     : std::bit_cast<std::uint32_t>(axis.at(*options, k)));
    b.constants.push_back((*tables)[i].data());
  }
  b.tables = std::move(tables);
  b.inputs = {0};
  const Dims x = s.dims(0), y = s.out_dims();
  const std::int64_t unit = nearest ? bits(s.dtype(0)) / 8 : 1;
  const ResizeParams p{.n = x[0], .ih = x[1], .iw = x[2], .c = x[3] * unit, .oh = y[1], .ow = y[2]};
  return nearest ? b.choose("resize_nearest", DType::u8, p) : b.choose("resize_linear", DType::f32, p);
}

}  // namespace hone
