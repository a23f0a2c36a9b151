// SPDX-License-Identifier: Apache-2.0
// Constants into the blocks that the tiles of indirect GEMM read in order.
#include <cassert>
#include <cstring>

#include "lib/kernels/igemm_layout.h"

namespace hone::igemm {

void pack_block(const Layout& l, const Layout::Block& b, const float* weight, Strides s, const float* bias, float alpha, std::byte* out) {
  const std::size_t lanes = l.isa.lanes, channels = b.vectors * lanes, first = b.first_vector * lanes;
  const std::size_t used = std::min(channels, l.group_out - first), depth = l.taps * l.k;
  const std::size_t column = b.group * l.group_out + first;
  float* y = reinterpret_cast<float*>(out);
  for (std::size_t c = 0; c < channels; ++c) y[c] = bias && c < used ? bias[column + c] : 0;
  y += channels;
  const float* w = weight + column * s.channel;
  for (std::size_t k = 0; k < depth; ++k, y += channels) {
    const float* row = w + k * s.k;
    if (s.channel == 1)
      for (std::size_t c = 0; c < used; ++c) y[c] = row[c] * alpha;
    else
      for (std::size_t c = 0; c < used; ++c) y[c] = row[c * s.channel] * alpha;
    for (std::size_t c = used; c < channels; ++c) y[c] = 0;
  }
}

namespace {

// One block of int8 weights: bias - x_zero * sum of weights, multiplier, weight[tap][k / group][channels][group].
template <class T>
void pack_block(const Layout& l, const Layout::Block& b, const std::int8_t* weight, Strides s, const std::int32_t* bias,
                const float* multiplier, std::byte* out) {
  const std::size_t lanes = l.isa.lanes, channels = b.vectors * lanes, first = b.first_vector * lanes, group = l.isa.group;
  const std::size_t column = b.group * l.group_out + first, tap_size = ceil_div(l.k, group) * group * channels;
  std::int32_t* head = reinterpret_cast<std::int32_t*>(out);
  float* scale = reinterpret_cast<float*>(head + channels);
  T* y = reinterpret_cast<T*>(scale + channels);
  std::memset(out, 0, l.block_bytes(b.vectors));
  for (std::size_t c = 0; c < std::min(channels, l.group_out - first); ++c) {
    const std::int8_t* w = weight + (column + c) * s.channel;
    std::int64_t sum = 0;
    for (std::size_t t = 0; t < l.taps; ++t)
      for (std::size_t k = 0; k < l.k; ++k) {
        const std::int8_t value = w[(t * l.k + k) * s.k];
        sum += value;
        y[t * tap_size + (k / group * channels + c) * group + k % group] = value;
      }
    head[c] = static_cast<std::int32_t>((bias ? bias[column + c] : 0) - l.p.quant.x_zero * sum);
    scale[c] = multiplier[column + c];
  }
}

}  // namespace

void pack_all(const Layout& l, std::span<const void* const> constants, Strides s, float alpha, std::byte* packed) {
  for (std::size_t i = 0; i < l.groups * l.blocks; ++i) {
    const Layout::Block b = l.block(i);
    std::byte* out = packed + b.offset;
    if (l.isa.dtype == DType::f32) {
      pack_block(l, b, static_cast<const float*>(constants[0]), s, static_cast<const float*>(constants[1]), alpha, out);
    } else {
      const auto* weight = static_cast<const std::int8_t*>(constants[0]);
      const auto* bias = static_cast<const std::int32_t*>(constants[1]);
      const auto* multiplier = static_cast<const float*>(constants[2]);
      assert(multiplier);
      if (l.isa.weight_bytes == 1)
        pack_block<std::int8_t>(l, b, weight, s, bias, multiplier, out);
      else
        pack_block<std::int16_t>(l, b, weight, s, bias, multiplier, out);
    }
  }
  std::memset(packed + l.panels_bytes(), l.isa.dtype == DType::f32 ? 0 : l.p.quant.x_zero, l.zero_row_bytes());
}

}  // namespace hone::igemm
