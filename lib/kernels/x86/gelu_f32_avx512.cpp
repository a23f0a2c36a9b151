// SPDX-License-Identifier: Apache-2.0
// x * (1 + erf(x / sqrt(2))) / 2, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return 0.5f * x * (1.0f + error_function(x * 0.70710678118654752f));
}
}  // namespace
extern const Kernel gelu_f32_avx512_kernel = unary_kernel<apply>("gelu_f32_avx512", "gelu", Isa::avx512);
}  // namespace hone
