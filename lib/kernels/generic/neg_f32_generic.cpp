// SPDX-License-Identifier: Apache-2.0
// -x, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return -x;
}
}  // namespace
extern const Kernel neg_f32_generic_kernel = unary_kernel<apply>("neg_f32_generic", "neg", Isa::generic);
}  // namespace hone
