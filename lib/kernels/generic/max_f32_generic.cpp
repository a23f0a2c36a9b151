// SPDX-License-Identifier: Apache-2.0
// The larger of a and b; NaN where either is, float32 with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  return a > b ? a : (b == b ? (a == a ? b : a) : b);
}
}  // namespace
extern const Kernel max_f32_generic_kernel = binary_kernel<apply>("max_f32_generic", "max", Isa::generic);
}  // namespace hone
