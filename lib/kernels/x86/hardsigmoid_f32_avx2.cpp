// SPDX-License-Identifier: Apache-2.0
// alpha * x + beta clamped to [0, 1], float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams& p) {
  return clamped(x * p.alpha + p.beta, splat(0.0f), splat(1.0f));
}
}  // namespace
extern const Kernel hardsigmoid_f32_avx2_kernel = unary_kernel<apply>("hardsigmoid_f32_avx2", "hardsigmoid", Isa::avx2);
}  // namespace hone
