// SPDX-License-Identifier: Apache-2.0
// log(1 + exp(x)), float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return softplus(x);
}
}  // namespace
extern const Kernel softplus_f32_avx2_kernel = unary_kernel<apply>("softplus_f32_avx2", "softplus", Isa::avx2);
}  // namespace hone
