// SPDX-License-Identifier: Apache-2.0
// a - b, float32 with broadcasting, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  return a - b;
}
}  // namespace
extern const Kernel sub_f32_avx2_kernel = binary_kernel<apply>("sub_f32_avx2", "sub", Isa::avx2);
}  // namespace hone
