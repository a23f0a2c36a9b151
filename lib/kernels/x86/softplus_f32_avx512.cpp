// SPDX-License-Identifier: Apache-2.0
// log(1 + exp(x)), float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return softplus(x);
}
}  // namespace
extern const Kernel softplus_f32_avx512_kernel = unary_kernel<apply>("softplus_f32_avx512", "softplus", Isa::avx512);
}  // namespace hone
