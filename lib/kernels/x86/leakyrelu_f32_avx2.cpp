// SPDX-License-Identifier: Apache-2.0
// x, or alpha * x where negative, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return x < splat(0.0f) ? x * p.alpha : x;
}
}  // namespace
extern const Kernel leakyrelu_f32_avx2_kernel = unary_kernel<apply>("leakyrelu_f32_avx2", "leakyrelu", Isa::avx2);
}  // namespace hone
