// SPDX-License-Identifier: Apache-2.0
// 1 / x, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return 1.0f / x;
}
}  // namespace
extern const Kernel reciprocal_f32_generic_kernel = unary_kernel<apply>("reciprocal_f32_generic", "reciprocal", Isa::generic);
}  // namespace hone
