// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of u8, AVX-512 VNNI: 64 channels and four taps at a time. The bytes of four taps are interleaved by unpacks,
// which leave channel 16 * lane + 4 * q + r in 32-bit element 4 * lane + r of vector q; bias, multiplier and weights are packed in
// that order, and the packs that narrow the results undo it.
#include "lib/kernels/depthwise.h"
#define HONE_VNNI
#include "lib/kernels/x86/avx512.h"

namespace hone {
namespace {

constexpr std::size_t tile_block = 64, tile_group = 4;

std::size_t position(std::size_t channel) {
  const std::size_t c = channel % tile_block;
  return channel - c + c % 16 / 4 * 16 + c / 16 * 4 + c % 4;
}

struct Quads { vi q[4]; };
HONE_INLINE Quads interleave(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab_low = _mm512_unpacklo_epi8(a, b), ab_high = _mm512_unpackhi_epi8(a, b);
  const __m512i cd_low = _mm512_unpacklo_epi8(c, d), cd_high = _mm512_unpackhi_epi8(c, d);
  return {{reinterpret_cast<vi>(_mm512_unpacklo_epi16(ab_low, cd_low)), reinterpret_cast<vi>(_mm512_unpackhi_epi16(ab_low, cd_low)),
           reinterpret_cast<vi>(_mm512_unpacklo_epi16(ab_high, cd_high)), reinterpret_cast<vi>(_mm512_unpackhi_epi16(ab_high, cd_high))}};
}
HONE_INLINE __m512i narrow(const vi (&v)[4]) {
  const __m512i low = _mm512_packs_epi32(reinterpret_cast<__m512i>(v[0]), reinterpret_cast<__m512i>(v[1]));
  const __m512i high = _mm512_packs_epi32(reinterpret_cast<__m512i>(v[2]), reinterpret_cast<__m512i>(v[3]));
  return _mm512_packus_epi16(low, high);
}

// P pixels of the block of channels from c on; `mask` selects those that exist.
template <std::size_t P>
HONE_INLINE void tile(const DepthwiseTile& t, std::size_t pixel, std::size_t c, std::size_t padded, __mmask64 mask) {
  const std::int32_t* bias = reinterpret_cast<const std::int32_t*>(t.packed) + c;
  const float* multiplier = reinterpret_cast<const float*>(t.packed) + padded + c;
  const std::byte* w = t.packed + padded * 8 + c * tile_group;
  vi acc[P][4];
#pragma GCC unroll 4
  for (std::size_t q = 0; q < 4; ++q) {
    const vi start = load(bias + q * lanes);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < P; ++i) acc[i][q] = start;
  }
  for (std::size_t tap = 0; tap < t.taps; tap += tile_group, w += padded * tile_group) {
    vi weight[4];
#pragma GCC unroll 4
    for (std::size_t q = 0; q < 4; ++q) weight[q] = load_as<vi>(w + q * 64);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < P; ++i) {
      const auto input = [&](std::size_t j) HONE_INLINED {
        return _mm512_maskz_loadu_epi8(mask, t.rows[tap + j] + (pixel + i) * t.steps[tap + j] + c);
      };
      const Quads x = interleave(input(0), input(1), input(2), input(3));
#pragma GCC unroll 4
      for (std::size_t q = 0; q < 4; ++q) acc[i][q] = dot(acc[i][q], x.q[q], weight[q]);
    }
  }
  const Rounder rounded(t.quant.low, t.quant.high, t.quant.y_zero);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < P; ++i) {
    vi y[4];
#pragma GCC unroll 4
    for (std::size_t q = 0; q < 4; ++q) y[q] = rounded(to_float(acc[i][q]) * load(multiplier + q * lanes));
    _mm512_mask_storeu_epi8(t.y + (pixel + i) * t.channels + c, mask, narrow(y));
  }
}

void run_pixels(const DepthwiseTile& t) {
  const std::size_t padded = (t.channels + tile_block - 1) / tile_block * tile_block;
  for (std::size_t c = 0; c < t.channels; c += tile_block) {
    const std::size_t left = t.channels - c;
    const __mmask64 mask = left >= tile_block ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
    std::size_t i = 0;
    for (; i + 4 <= t.pixels; i += 4) tile<4>(t, i, c, padded, mask);
    for (; i < t.pixels; ++i) tile<1>(t, i, c, padded, mask);
  }
}

}  // namespace

static constexpr Depthwise depthwise{.dtype = DType::u8, .block = tile_block, .group = tile_group, .position = position, .run = run_pixels};
extern const Kernel depthwise_u8_avx512vnni_kernel = depthwise_kernel<depthwise>("depthwise_u8_avx512vnni", DType::u8, Isa::avx512vnni);
}  // namespace hone
