// SPDX-License-Identifier: Apache-2.0
// a - b, float32 with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  return a - b;
}
}  // namespace
extern const Kernel sub_f32_generic_kernel = binary_kernel<apply>("sub_f32_generic", "sub", Isa::generic);
}  // namespace hone
