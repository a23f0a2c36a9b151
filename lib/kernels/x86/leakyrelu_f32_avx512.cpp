// SPDX-License-Identifier: Apache-2.0
// x, or alpha * x where negative, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return x < splat(0.0f) ? x * p.alpha : x;
}
}  // namespace
extern const Kernel leakyrelu_f32_avx512_kernel = unary_kernel<apply>("leakyrelu_f32_avx512", "leakyrelu", Isa::avx512);
}  // namespace hone
