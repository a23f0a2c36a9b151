// SPDX-License-Identifier: Apache-2.0
// The tanh approximation of gelu, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  const vf inner = 0.79788456080286536f * fma(0.044715f * x * x, x, x);
  return 0.5f * x * (1.0f + hyperbolic_tangent(inner));
}
}  // namespace
extern const Kernel gelu_tanh_f32_avx2_kernel = unary_kernel<apply>("gelu_tanh_f32_avx2", "gelu_tanh", Isa::avx2);
}  // namespace hone
