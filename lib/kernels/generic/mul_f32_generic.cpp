// SPDX-License-Identifier: Apache-2.0
// a * b, float32 with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  return a * b;
}
}  // namespace
extern const Kernel mul_f32_generic_kernel = binary_kernel<apply>("mul_f32_generic", "mul", Isa::generic);
}  // namespace hone
