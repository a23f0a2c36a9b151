// SPDX-License-Identifier: Apache-2.0
// x * clamp(x / 6 + 1/2, 0, 1), float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return x * clamped(x * (1.0f / 6.0f) + 0.5f, splat(0.0f), splat(1.0f));
}
}  // namespace
extern const Kernel hardswish_f32_avx512_kernel = unary_kernel<apply>("hardswish_f32_avx512", "hardswish", Isa::avx512);
}  // namespace hone
