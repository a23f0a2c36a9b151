// SPDX-License-Identifier: Apache-2.0
// The square root, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return square_root(x);
}
}  // namespace
extern const Kernel sqrt_f32_avx512_kernel = unary_kernel<apply>("sqrt_f32_avx512", "sqrt", Isa::avx512);
}  // namespace hone
