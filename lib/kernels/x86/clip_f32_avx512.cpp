// SPDX-License-Identifier: Apache-2.0
// x clamped to [alpha, beta], float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return clamped(x, splat(p.alpha), splat(p.beta));
}
}  // namespace
extern const Kernel clip_f32_avx512_kernel = unary_kernel<apply>("clip_f32_avx512", "clip", Isa::avx512);
}  // namespace hone
