// SPDX-License-Identifier: Apache-2.0
// max(x, 0), float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return max(splat(0.0f), x);
}
}  // namespace
extern const Kernel relu_f32_generic_kernel = unary_kernel<apply>("relu_f32_generic", "relu", Isa::generic);
}  // namespace hone
