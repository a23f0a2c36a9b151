// SPDX-License-Identifier: Apache-2.0
// The vector layer of lib/kernels/generic/simd.h for AVX2 with FMA. Include last: it sets the target of what follows.
#pragma once
#include <immintrin.h>

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

HONE_TARGET_BEGIN("avx2,fma")

namespace hone {
namespace {

constexpr std::size_t lanes = 8;
using vf = float __attribute__((vector_size(32)));
using vi = std::int32_t __attribute__((vector_size(32)));

template <class V> HONE_INLINE V load_as(const void* p) { V v; __builtin_memcpy(&v, p, sizeof v); return v; }
// -1 in the first n lanes.
HONE_INLINE __m256i first(std::size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
// The low 8 of 16 bytes that hold one value each in 32-bit lanes.
HONE_INLINE std::uint64_t bytes_of(vi v) {
  const __m256i words = _mm256_packus_epi32(reinterpret_cast<__m256i>(v), reinterpret_cast<__m256i>(v));
  const __m128i eight = _mm_unpacklo_epi64(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_packus_epi16(eight, eight)));
}
HONE_INLINE vf load(const float* p) { return _mm256_loadu_ps(p); }
HONE_INLINE vf load_n(const float* p, std::size_t n) { return _mm256_maskload_ps(p, first(n)); }
HONE_INLINE vi load(const std::int32_t* p) { return load_as<vi>(p); }
HONE_INLINE vi load(const std::uint8_t* p) { return reinterpret_cast<vi>(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)))); }
HONE_INLINE vi load_n(const std::uint8_t* p, std::size_t n) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < n; ++i) word |= std::uint64_t{p[i]} << (8 * i);
  return reinterpret_cast<vi>(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<long long>(word))));
}
HONE_INLINE void store(float* p, vf v) { _mm256_storeu_ps(p, v); }
HONE_INLINE void store_n(float* p, vf v, std::size_t n) { _mm256_maskstore_ps(p, first(n), v); }
HONE_INLINE void store(std::uint8_t* p, vi v) { const std::uint64_t word = bytes_of(v); __builtin_memcpy(p, &word, 8); }
HONE_INLINE void store_n(std::uint8_t* p, vi v, std::size_t n) { const std::uint64_t word = bytes_of(v); __builtin_memcpy(p, &word, n); }
HONE_INLINE vf splat(float x) { return _mm256_set1_ps(x); }
HONE_INLINE vi splat(std::int32_t x) { return reinterpret_cast<vi>(_mm256_set1_epi32(x)); }
HONE_INLINE vf fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
HONE_INLINE vf min(vf a, vf b) { return _mm256_min_ps(a, b); }
HONE_INLINE vf max(vf a, vf b) { return _mm256_max_ps(a, b); }
HONE_INLINE vi min(vi a, vi b) { return reinterpret_cast<vi>(_mm256_min_epi32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b))); }
HONE_INLINE vi max(vi a, vi b) { return reinterpret_cast<vi>(_mm256_max_epi32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b))); }
HONE_INLINE vf to_float(vi v) { return _mm256_cvtepi32_ps(reinterpret_cast<__m256i>(v)); }
HONE_INLINE vi round(vf x) { return reinterpret_cast<vi>(_mm256_cvtps_epi32(x)); }
HONE_INLINE vf square_root(vf v) { return _mm256_sqrt_ps(v); }

// Two k's of a row as uint16 against int16 weights, exact in int32 (vpmaddubsw would saturate).
constexpr std::size_t u8_group = 2;
using Weight = std::int16_t;
HONE_INLINE std::int32_t row_group(const std::uint8_t* a) { return a[0] | a[1] << 16; }
HONE_INLINE vi dot(vi acc, vi x, vi w) {
  return acc + reinterpret_cast<vi>(_mm256_madd_epi16(reinterpret_cast<__m256i>(x), reinterpret_cast<__m256i>(w)));
}

}  // namespace
}  // namespace hone
#include "lib/kernels/loops/simd.inc"
