// SPDX-License-Identifier: Apache-2.0
// The vector layer of lib/kernels/generic/simd.h for AVX-512 F/BW/VL/DQ. Include last: it sets the target of what follows.
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

#if defined(HONE_VNNI)
HONE_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")
#else
HONE_TARGET_BEGIN("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
#endif

#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // gcc 12 warns inside its own intrinsics (GCC bug 105593)
#pragma GCC diagnostic ignored "-Wuninitialized"

namespace hone {
namespace {

constexpr std::size_t lanes = 16;
using vf = float __attribute__((vector_size(64)));
using vi = std::int32_t __attribute__((vector_size(64)));

template <class V> HONE_INLINE V load_as(const void* p) { V v; __builtin_memcpy(&v, p, sizeof v); return v; }
HONE_INLINE __mmask16 first(std::size_t n) { return static_cast<__mmask16>((1u << n) - 1); }
HONE_INLINE vf load(const float* p) { return _mm512_loadu_ps(p); }
HONE_INLINE vf load_n(const float* p, std::size_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
HONE_INLINE vi load(const std::int32_t* p) { return load_as<vi>(p); }
HONE_INLINE vi load(const std::uint8_t* p) { return reinterpret_cast<vi>(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))); }
HONE_INLINE vi load_n(const std::uint8_t* p, std::size_t n) { return reinterpret_cast<vi>(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(first(n), p))); }
HONE_INLINE void store(float* p, vf v) { _mm512_storeu_ps(p, v); }
HONE_INLINE void store_n(float* p, vf v, std::size_t n) { _mm512_mask_storeu_ps(p, first(n), v); }
HONE_INLINE void store(std::uint8_t* p, vi v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(reinterpret_cast<__m512i>(v))); }
HONE_INLINE void store_n(std::uint8_t* p, vi v, std::size_t n) { _mm512_mask_cvtepi32_storeu_epi8(p, first(n), reinterpret_cast<__m512i>(v)); }
HONE_INLINE vf splat(float x) { return _mm512_set1_ps(x); }
HONE_INLINE vi splat(std::int32_t x) { return reinterpret_cast<vi>(_mm512_set1_epi32(x)); }
HONE_INLINE vf fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
HONE_INLINE vf min(vf a, vf b) { return _mm512_min_ps(a, b); }
HONE_INLINE vf max(vf a, vf b) { return _mm512_max_ps(a, b); }
HONE_INLINE vi min(vi a, vi b) { return reinterpret_cast<vi>(_mm512_min_epi32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b))); }
HONE_INLINE vi max(vi a, vi b) { return reinterpret_cast<vi>(_mm512_max_epi32(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b))); }
HONE_INLINE vf to_float(vi v) { return _mm512_cvtepi32_ps(reinterpret_cast<__m512i>(v)); }
HONE_INLINE vi round(vf x) { return reinterpret_cast<vi>(_mm512_cvtps_epi32(x)); }
HONE_INLINE vf square_root(vf v) { return _mm512_sqrt_ps(v); }

// Four k's of a row against int8 weights, exact in int32.
#if defined(HONE_VNNI)
constexpr std::size_t u8_group = 4;
using Weight = std::int8_t;
HONE_INLINE std::int32_t row_group(const std::uint8_t* a) { return load_as<std::int32_t>(a); }
HONE_INLINE vi dot(vi acc, vi x, vi w) {
  return reinterpret_cast<vi>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(acc), reinterpret_cast<__m512i>(x), reinterpret_cast<__m512i>(w)));
}
#else
constexpr std::size_t u8_group = 2;
using Weight = std::int16_t;
HONE_INLINE std::int32_t row_group(const std::uint8_t* a) { return a[0] | a[1] << 16; }
HONE_INLINE vi dot(vi acc, vi x, vi w) {
  return acc + reinterpret_cast<vi>(_mm512_madd_epi16(reinterpret_cast<__m512i>(x), reinterpret_cast<__m512i>(w)));
}
#endif

}  // namespace
}  // namespace hone
#include "lib/kernels/loops/simd.inc"
