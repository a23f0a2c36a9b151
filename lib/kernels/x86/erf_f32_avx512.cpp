// SPDX-License-Identifier: Apache-2.0
// The error function, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return error_function(x);
}
}  // namespace
extern const Kernel erf_f32_avx512_kernel = unary_kernel<apply>("erf_f32_avx512", "erf", Isa::avx512);
}  // namespace hone
