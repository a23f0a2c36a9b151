// SPDX-License-Identifier: Apache-2.0
// x clamped to [alpha, beta], float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return clamped(x, splat(p.alpha), splat(p.beta));
}
}  // namespace
extern const Kernel clip_f32_avx2_kernel = unary_kernel<apply>("clip_f32_avx2", "clip", Isa::avx2);
}  // namespace hone
