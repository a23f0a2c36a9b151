// SPDX-License-Identifier: Apache-2.0
// x, or alpha * (exp(x) - 1) where negative, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return x > splat(0.0f) ? x : p.alpha * exponential_minus_1(x);
}
}  // namespace
extern const Kernel elu_f32_avx2_kernel = unary_kernel<apply>("elu_f32_avx2", "elu", Isa::avx2);
}  // namespace hone
