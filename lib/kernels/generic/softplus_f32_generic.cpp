// SPDX-License-Identifier: Apache-2.0
// log(1 + exp(x)), float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return softplus(x);
}
}  // namespace
extern const Kernel softplus_f32_generic_kernel = unary_kernel<apply>("softplus_f32_generic", "softplus", Isa::generic);
}  // namespace hone
