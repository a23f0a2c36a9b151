// SPDX-License-Identifier: Apache-2.0
#include "lib/kernels/depthwise.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace hone {
namespace {

struct Layout {
  std::size_t element, channels, padded, taps, padded_taps, rows;
  Layout(const ConvParams& p, const Depthwise& isa) {
    const auto up = [](std::size_t n, std::size_t unit) { return (n + unit - 1) / unit * unit; };
    element = isa.dtype == DType::f32 ? 4 : 1;
    channels = static_cast<std::size_t>(p.oc);
    padded = up(channels, isa.block);
    taps = static_cast<std::size_t>(p.kh * p.kw);
    padded_taps = up(taps, isa.group);
    rows = static_cast<std::size_t>(p.n * p.oh * p.ow);
  }
  // Integer weights are int16 in pairs of taps and int8 in fours.
  std::size_t weight_bytes(const Depthwise& isa) const { return element == 4 ? 4 : isa.group == 4 ? 1 : 2; }
  std::size_t zero_row(const Depthwise& isa) const {
    return padded * (element == 4 ? 4 : 8) + padded_taps * padded * weight_bytes(isa);
  }
};

template <class T>
void pack_integer(const Layout& l, const ConvParams& p, const Depthwise& isa, std::span<const void* const> constants, std::byte* packed) {
  const auto* weight = static_cast<const std::int8_t*>(constants[0]);
  const auto* bias = static_cast<const std::int32_t*>(constants[1]);
  const auto* multiplier = static_cast<const float*>(constants[2]);
  assert(multiplier);
  auto* head = reinterpret_cast<std::int32_t*>(packed);
  auto* scale = reinterpret_cast<float*>(head + l.padded);
  auto* w = reinterpret_cast<T*>(scale + l.padded);
  for (std::size_t c = 0; c < l.channels; ++c) {
    const std::size_t at = isa.position ? isa.position(c) : c;
    std::int32_t sum = 0;
    for (std::size_t t = 0; t < l.taps; ++t) {
      const std::int8_t value = weight[c * l.taps + t];
      sum += value;
      w[(t / isa.group * l.padded + at) * isa.group + t % isa.group] = value;
    }
    head[at] = static_cast<std::int32_t>((bias ? bias[c] : 0) - std::int64_t{p.quant.x_zero} * sum);
    scale[at] = multiplier[c];
  }
}

}  // namespace

bool depthwise_accepts(const void* params) {
  const auto& p = *static_cast<const ConvParams*>(params);
  return p.n > 0 && p.oh > 0 && p.ow > 0 && p.oc > 0 && p.group == p.ic && p.ic == p.oc && p.kh * p.kw <= max_int8_depth;
}

std::size_t depthwise_packed_bytes(const ConvParams& p, const Depthwise& isa) {
  const Layout l(p, isa);
  return l.zero_row(isa) + l.padded * l.element;
}

void depthwise_pack(const ConvParams& p, const Depthwise& isa, std::span<const void* const> constants, void* to) {
  const Layout l(p, isa);
  auto* packed = static_cast<std::byte*>(to);
  std::memset(packed, 0, l.zero_row(isa));
  std::memset(packed + l.zero_row(isa), isa.dtype == DType::f32 ? 0 : p.quant.x_zero, l.padded * l.element);
  if (isa.dtype != DType::f32) {
    return l.weight_bytes(isa) == 1 ? pack_integer<std::int8_t>(l, p, isa, constants, packed)
                                    : pack_integer<std::int16_t>(l, p, isa, constants, packed);
  }
  const auto *weight = static_cast<const float*>(constants[0]), *bias = static_cast<const float*>(constants[1]);
  auto* y = reinterpret_cast<float*>(packed);
  if (bias) std::memcpy(y, bias, l.channels * 4);
  for (std::size_t t = 0; t < l.taps; ++t)
    for (std::size_t c = 0; c < l.channels; ++c) y[(t + 1) * l.padded + c] = weight[c * l.taps + t];
}

std::size_t depthwise_scratch_bytes(const ConvParams& p, const Depthwise& isa, int threads) {
  return static_cast<std::size_t>(threads) * Layout(p, isa).padded_taps * (sizeof(void*) + sizeof(std::size_t));
}

namespace {

// One row of outputs: single pixels where the window crosses the left or right border, and the run between them.
struct Row {
  const ConvParams& p;
  const Layout& l;
  const std::byte *x, *zero;
  DepthwiseTile tile;
  const std::byte** rows;
  std::size_t* steps;

  void run(std::int64_t first, std::int64_t last, std::int64_t row, std::byte* y, const std::byte* residual, void (*one)(const DepthwiseTile&)) {
    const std::int64_t top = row % p.oh * p.stride_h - p.pad_top, image = row / p.oh * p.ih, pixel = static_cast<std::int64_t>(l.channels * l.element);
    std::size_t tap = 0;
    for (std::int64_t kh = 0; kh < p.kh; ++kh)
      for (std::int64_t kw = 0; kw < p.kw; ++kw, ++tap) {
        const std::int64_t i = top + kh * p.dilation_h, j = first * p.stride_w + kw * p.dilation_w - p.pad_left;
        const bool inside = i >= 0 && i < p.ih && j >= 0 && j < p.iw;
        rows[tap] = inside ? x + ((image + i) * p.iw + j) * pixel : zero;
        steps[tap] = inside ? static_cast<std::size_t>(p.stride_w * pixel) : 0;
      }
    const std::size_t at = static_cast<std::size_t>((row * p.ow + first) * pixel);
    tile.pixels = static_cast<std::size_t>(last - first);
    tile.y = y + at;
    tile.residual = residual ? residual + at : nullptr;
    one(tile);
  }
};

}  // namespace

void depthwise_run(const KernelArgs& a, const Depthwise& isa) {
  const auto& p = a.as<ConvParams>();
  assert(depthwise_accepts(&p) && a.packed && a.scratch);
  const Layout l(p, isa);
  const auto *x = static_cast<const std::byte*>(a.in[0]), *residual = p.residual ? static_cast<const std::byte*>(a.in[1]) : nullptr;
  const auto *packed = static_cast<const std::byte*>(a.packed), *zero = packed + l.zero_row(isa);
  auto* y = static_cast<std::byte*>(a.out[0]);
  // Outputs [low, high) of a row have their whole window between the left and right borders.
  const std::int64_t reach = p.iw + p.pad_left - (p.kw - 1) * p.dilation_w;
  const std::int64_t low = std::min(p.ow, (p.pad_left + p.stride_w - 1) / p.stride_w);
  const std::int64_t high = std::clamp(reach > 0 ? (reach + p.stride_w - 1) / p.stride_w : 0, low, p.ow);
  const std::size_t grain = std::max<std::size_t>(1, 65536 / (l.taps * l.channels * static_cast<std::size_t>(p.ow)));
  a.pool.parallel(static_cast<std::size_t>(p.n * p.oh), grain, [&](std::size_t begin, std::size_t end, int worker) {
    auto* rows = static_cast<const std::byte**>(a.scratch) + static_cast<std::size_t>(worker) * l.padded_taps * 2;
    auto* steps = reinterpret_cast<std::size_t*>(rows + l.padded_taps);
    for (std::size_t i = 0; i < l.padded_taps; ++i) rows[i] = zero, steps[i] = 0;
    Row row{p, l, x, zero,
            {.rows = rows, .steps = steps, .pixels = 0, .taps = l.taps, .channels = l.channels, .adjacent = p.kw == 3 && p.stride_w == p.dilation_w,
             .packed = packed, .y = nullptr, .residual = nullptr, .clamp = p.clamp, .quant = p.quant},
            rows, steps};
    for (std::size_t r = begin; r < end; ++r) {
      const auto at = static_cast<std::int64_t>(r);
      for (std::int64_t ow = 0; ow < low; ++ow) row.run(ow, ow + 1, at, y, residual, isa.run);
      if (low < high) row.run(low, high, at, y, residual, isa.run);
      for (std::int64_t ow = high; ow < p.ow; ++ow) row.run(ow, ow + 1, at, y, residual, isa.run);
    }
  });
}

}  // namespace hone
