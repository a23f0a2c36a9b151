// SPDX-License-Identifier: Apache-2.0
// max(x, 0), float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return max(splat(0.0f), x);
}
}  // namespace
extern const Kernel relu_f32_avx512_kernel = unary_kernel<apply>("relu_f32_avx512", "relu", Isa::avx512);
}  // namespace hone
