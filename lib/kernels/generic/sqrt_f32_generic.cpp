// SPDX-License-Identifier: Apache-2.0
// The square root, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return square_root(x);
}
}  // namespace
extern const Kernel sqrt_f32_generic_kernel = unary_kernel<apply>("sqrt_f32_generic", "sqrt", Isa::generic);
}  // namespace hone
