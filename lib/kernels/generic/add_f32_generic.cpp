// SPDX-License-Identifier: Apache-2.0
// a + b, float32 with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  return a + b;
}
}  // namespace
extern const Kernel add_f32_generic_kernel = binary_kernel<apply>("add_f32_generic", "add", Isa::generic);
}  // namespace hone
