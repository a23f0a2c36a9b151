// SPDX-License-Identifier: Apache-2.0
// Bilinear resize of NHWC float images: each output pixel blends four input pixels at the fractional row and column of the tables.
#include "lib/kernels/generic/simd.h"

namespace hone {
namespace {

struct Blend { std::int64_t low, high; float weight; };  // low * (1 - weight) + high * weight
Blend blend(float at, std::int64_t size) {
  const float most = static_cast<float>(size - 1), clamped = at > 0 ? (at < most ? at : most) : 0;
  const auto low = static_cast<std::int64_t>(clamped);
  return {low, low + 1 < size ? low + 1 : low, clamped - static_cast<float>(low)};
}

void run(const KernelArgs& a) {
  const auto& p = a.as<ResizeParams>();
  assert(a.packed && p.c > 0 && p.ih > 0 && p.iw > 0);
  const auto *rows = static_cast<const float*>(a.packed), *columns = rows + p.oh, *x = static_cast<const float*>(a.in[0]);
  auto* out = static_cast<float*>(a.out[0]);
  const auto c = static_cast<std::size_t>(p.c), ow = static_cast<std::size_t>(p.ow);
  a.pool.parallel(static_cast<std::size_t>(p.n * p.oh), 1 + 8192 / (ow * c), [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t r = begin; r < end; ++r) {
      const std::int64_t n = static_cast<std::int64_t>(r) / p.oh;
      const Blend v = blend(rows[static_cast<std::int64_t>(r) % p.oh], p.ih);
      for (std::size_t i = 0; i < ow; ++i) {
        const Blend h = blend(columns[i], p.iw);
        const auto pixel = [&](std::int64_t row, std::int64_t column) { return x + static_cast<std::size_t>((n * p.ih + row) * p.iw + column) * c; };
        const float *p00 = pixel(v.low, h.low), *p01 = pixel(v.low, h.high), *p10 = pixel(v.high, h.low), *p11 = pixel(v.high, h.high);
        float* y = out + (r * ow + i) * c;
        for_vectors(0, c, [&](std::size_t k, std::size_t m) HONE_INLINED {
          const vf top = load_upto(p00 + k, m) * (1 - h.weight) + load_upto(p01 + k, m) * h.weight;
          const vf bottom = load_upto(p10 + k, m) * (1 - h.weight) + load_upto(p11 + k, m) * h.weight;
          store_upto(y + k, top * (1 - v.weight) + bottom * v.weight, m);
        });
      }
    }
  });
}

}  // namespace

extern const Kernel resize_linear_f32_generic_kernel{
    .name = "resize_linear_f32_generic", .op = "resize_linear", .dtype = DType::f32, .isa = Isa::generic,
    .packed_bytes = [](const void* params) {
      const auto& p = *static_cast<const ResizeParams*>(params);
      return static_cast<std::size_t>(p.oh + p.ow) * 4;
    },
    .pack = [](const void* params, std::span<const void* const> constants, void* packed) {
      const auto& p = *static_cast<const ResizeParams*>(params);
      auto* y = static_cast<float*>(packed);
      std::memcpy(y, constants[0], static_cast<std::size_t>(p.oh) * 4);
      std::memcpy(y + p.oh, constants[1], static_cast<std::size_t>(p.ow) * 4);
    },
    .run = run};
}  // namespace hone
