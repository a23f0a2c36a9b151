// SPDX-License-Identifier: Apache-2.0
// The vector layer of the generic kernels: 128 bits of compiler vectors, which every CPU we build for has (SSE2, NEON).
// Include last. x86/avx2.h, x86/avx512.h and arm/neon.h define the same names for their ISA; the loops in lib/kernels/loops/*.inc
// are written once in terms of these and compiled in each, inside an anonymous namespace so that no symbol is shared.
//
// min and max return their second argument when either is NaN. Loads and stores need no alignment; load_n and store_n touch the
// first n < lanes elements only (the rest of a load is zero). round wants |x| < 2^22 and rounds half to even.
#pragma once
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "lib/kernels/kernel.h"
#include "lib/kernels/params.h"

namespace hone {
namespace {

constexpr std::size_t lanes = 4;
using vf = float __attribute__((vector_size(16)));
using vi = std::int32_t __attribute__((vector_size(16)));
using vu8 = std::uint8_t __attribute__((vector_size(4)));
using vi16 = std::int16_t __attribute__((vector_size(8)));

template <class V> HONE_INLINE V load_as(const void* p) { V v; __builtin_memcpy(&v, p, sizeof v); return v; }
template <class V> HONE_INLINE V load_some(const void* p, std::size_t bytes) { V v{}; __builtin_memcpy(&v, p, bytes); return v; }
HONE_INLINE vf load(const float* p) { return load_as<vf>(p); }
HONE_INLINE vf load_n(const float* p, std::size_t n) { return load_some<vf>(p, n * 4); }
HONE_INLINE vi load(const std::int32_t* p) { return load_as<vi>(p); }
HONE_INLINE vi load(const std::int16_t* p) { return __builtin_convertvector(load_as<vi16>(p), vi); }
HONE_INLINE vi load(const std::uint8_t* p) { return __builtin_convertvector(load_as<vu8>(p), vi); }
HONE_INLINE vi load_n(const std::uint8_t* p, std::size_t n) { return __builtin_convertvector(load_some<vu8>(p, n), vi); }
HONE_INLINE void store(float* p, vf v) { __builtin_memcpy(p, &v, sizeof v); }
HONE_INLINE void store_n(float* p, vf v, std::size_t n) { __builtin_memcpy(p, &v, n * 4); }
HONE_INLINE void store(std::uint8_t* p, vi v) { const vu8 b = __builtin_convertvector(v, vu8); __builtin_memcpy(p, &b, sizeof b); }
HONE_INLINE void store_n(std::uint8_t* p, vi v, std::size_t n) { const vu8 b = __builtin_convertvector(v, vu8); __builtin_memcpy(p, &b, n); }
HONE_INLINE vf splat(float x) { return vf{x, x, x, x}; }
HONE_INLINE vi splat(std::int32_t x) { return vi{x, x, x, x}; }
HONE_INLINE vf fma(vf a, vf b, vf c) { return a * b + c; }
HONE_INLINE vf min(vf a, vf b) { return a < b ? a : b; }
HONE_INLINE vf max(vf a, vf b) { return a > b ? a : b; }
HONE_INLINE vi min(vi a, vi b) { return a < b ? a : b; }
HONE_INLINE vi max(vi a, vi b) { return a > b ? a : b; }
HONE_INLINE vf to_float(vi v) { return __builtin_convertvector(v, vf); }
HONE_INLINE vi round(vf x) {
  const vf magic = splat(12582912.0f);  // 1.5 * 2^23: the sum's low mantissa bits are x rounded half to even
  return reinterpret_cast<vi>(x + magic) - reinterpret_cast<vi>(magic);
}
HONE_INLINE vf square_root(vf v) {
  for (std::size_t i = 0; i < lanes; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
}

// Integer tiles: two k's of a row as uint16 pairs against int16 weights, exact in int32.
constexpr std::size_t u8_group = 2;
using Weight = std::int16_t;
HONE_INLINE std::int32_t row_group(const std::uint8_t* a) { return a[0] | a[1] << 16; }
HONE_INLINE vi dot(vi acc, vi x, vi w) {
#if defined(__SSE2__)
  return acc + reinterpret_cast<vi>(_mm_madd_epi16(reinterpret_cast<__m128i>(x), reinterpret_cast<__m128i>(w)));
#else
  return acc + ((x << 16) >> 16) * ((w << 16) >> 16) + (x >> 16) * (w >> 16);
#endif
}

}  // namespace
}  // namespace hone
#include "lib/kernels/loops/simd.inc"
