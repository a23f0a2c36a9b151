// SPDX-License-Identifier: Apache-2.0
// max(x, 0), float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return max(splat(0.0f), x);
}
}  // namespace
extern const Kernel relu_f32_avx2_kernel = unary_kernel<apply>("relu_f32_avx2", "relu", Isa::avx2);
}  // namespace hone
