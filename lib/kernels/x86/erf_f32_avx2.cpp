// SPDX-License-Identifier: Apache-2.0
// The error function, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return error_function(x);
}
}  // namespace
extern const Kernel erf_f32_avx2_kernel = unary_kernel<apply>("erf_f32_avx2", "erf", Isa::avx2);
}  // namespace hone
