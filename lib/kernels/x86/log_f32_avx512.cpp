// SPDX-License-Identifier: Apache-2.0
// The natural logarithm, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return logarithm(x);
}
}  // namespace
extern const Kernel log_f32_avx512_kernel = unary_kernel<apply>("log_f32_avx512", "log", Isa::avx512);
}  // namespace hone
