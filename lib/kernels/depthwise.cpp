// SPDX-License-Identifier: Apache-2.0
#include "lib/kernels/depthwise.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "lib/kernels/taps.h"

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
  return static_cast<std::size_t>(threads) * Layout(p, isa).padded_taps * isa.pixels * sizeof(void*);
}

void depthwise_run(const KernelArgs& a, const Depthwise& isa) {
  const auto& p = a.as<ConvParams>();
  assert(depthwise_accepts(&p) && a.packed && a.scratch);
  const Layout l(p, isa);
  const auto *x = static_cast<const std::byte*>(a.in[0]), *residual = p.residual ? static_cast<const std::byte*>(a.in[1]) : nullptr;
  const auto *packed = static_cast<const std::byte*>(a.packed), *zero = packed + l.zero_row(isa);
  auto* y = static_cast<std::byte*>(a.out[0]);
  const std::size_t pointers = l.padded_taps * isa.pixels, bytes = l.channels * l.element;
  const std::size_t grain = std::max<std::size_t>(1, 16384 / (l.taps * l.channels * isa.pixels));
  a.pool.parallel((l.rows + isa.pixels - 1) / isa.pixels, grain, [&](std::size_t begin, std::size_t end, int worker) {
    const auto rows = static_cast<const std::byte**>(a.scratch) + static_cast<std::size_t>(worker) * pointers;
    for (std::size_t i = 0; i < pointers; ++i) rows[i] = zero;
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t first = i * isa.pixels, last = std::min(first + isa.pixels, l.rows);
      for_each_tap(p, first, last, [&](std::size_t pixel, std::size_t tap, std::int64_t at) {
        rows[tap * isa.pixels + pixel] = at < 0 ? zero : x + static_cast<std::size_t>(at) * l.element;
      });
      isa.tile({.rows = rows, .pixels = last - first, .taps = l.taps, .channels = l.channels, .packed = packed, .y = y + first * bytes,
                .residual = residual ? residual + first * bytes : nullptr, .clamp = p.clamp, .quant = p.quant});
    }
  });
}

}  // namespace hone
