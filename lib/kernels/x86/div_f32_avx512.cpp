// SPDX-License-Identifier: Apache-2.0
// a / b, float32 with broadcasting, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  return a / b;
}
}  // namespace
extern const Kernel div_f32_avx512_kernel = binary_kernel<apply>("div_f32_avx512", "div", Isa::avx512);
}  // namespace hone
