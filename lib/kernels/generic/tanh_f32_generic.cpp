// SPDX-License-Identifier: Apache-2.0
// The hyperbolic tangent, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return hyperbolic_tangent(x);
}
}  // namespace
extern const Kernel tanh_f32_generic_kernel = unary_kernel<apply>("tanh_f32_generic", "tanh", Isa::generic);
}  // namespace hone
