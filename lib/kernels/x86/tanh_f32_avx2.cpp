// SPDX-License-Identifier: Apache-2.0
// The hyperbolic tangent, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return hyperbolic_tangent(x);
}
}  // namespace
extern const Kernel tanh_f32_avx2_kernel = unary_kernel<apply>("tanh_f32_avx2", "tanh", Isa::avx2);
}  // namespace hone
