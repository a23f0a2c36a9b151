// SPDX-License-Identifier: Apache-2.0
// x, or alpha * (exp(x) - 1) where negative, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return x > splat(0.0f) ? x : p.alpha * exponential_minus_1(x);
}
}  // namespace
extern const Kernel elu_f32_avx512_kernel = unary_kernel<apply>("elu_f32_avx512", "elu", Isa::avx512);
}  // namespace hone
