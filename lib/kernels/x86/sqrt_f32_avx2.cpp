// SPDX-License-Identifier: Apache-2.0
// The square root, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return square_root(x);
}
}  // namespace
extern const Kernel sqrt_f32_avx2_kernel = unary_kernel<apply>("sqrt_f32_avx2", "sqrt", Isa::avx2);
}  // namespace hone
