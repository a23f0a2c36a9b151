// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/pool.h"

namespace hone {

Status infer_pool(InferCall& c) {
  CHECK_OK(expect_spatial(c, 0));
  Shape y = c.shape(0);
  if (y.ranked) {
    TRY(const Window window, window_of(c.node, std::span(c.shape(0).dims).subspan(2)));
    for (const WindowAxis& a : window)
      if (std::max(a.pad_begin, a.pad_end) >= a.extent())
        return invalid("pads of {} and {} are not smaller than the window of {}", a.pad_begin, a.pad_end, a.extent());
    for (std::size_t i = 0; i < window.size(); ++i) y.dims[i + 2] = window[i].out;
  }
  c.set(1, DType::i64, y);
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

Status infer_global_pool(InferCall& c) {
  Shape y = c.shape(0);
  if (y.ranked && y.rank() < 2) return invalid("the input has shape {}, expected batch, channels and spatial axes", to_string(y));
  for (std::size_t i = 2; i < y.rank(); ++i) y.dims[i] = 1;
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

Taps taps_of(const Window3& w, std::int64_t position) {
  Window3::Three start;  // of the window, in input coordinates
  for (std::size_t i = 3; i-- > 0; position /= w.out[i]) start[i] = position % w.out[i] * w.stride[i] - w.pad[i];
  const auto at = [&](std::size_t axis, std::int64_t k) { return start[axis] + k * w.dilation[axis]; };
  const auto inside = [&](std::size_t axis, std::int64_t i) { return i >= 0 && i < w.in[axis]; };
  const auto within = [&](std::size_t axis, std::int64_t i) { return i < w.in[axis] + w.pad_end[axis]; };  // ceil_mode may step past
  Taps taps;
  for (std::int64_t kd = 0; kd < w.kernel[0]; ++kd)
    for (std::int64_t kh = 0; kh < w.kernel[1]; ++kh)
      for (std::int64_t kw = 0; kw < w.kernel[2]; ++kw) {
        const std::int64_t d = at(0, kd), h = at(1, kh), x = at(2, kw);
        if (within(0, d) && within(1, h) && within(2, x)) ++taps.padded;
        if (inside(0, d) && inside(1, h) && inside(2, x)) taps.offsets.push_back((d * w.in[1] + h) * w.in[2] + x);
      }
  return taps;
}

Result<Window3> pool_window(const Node& node, const Dims& x) {
  const Shape shape = Shape::of(x);
  TRY(const Window window, window_of(node, std::span(shape.dims).subspan(2)));
  return Window3(window);
}

}  // namespace hone
