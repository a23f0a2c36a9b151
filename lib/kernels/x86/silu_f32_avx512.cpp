// SPDX-License-Identifier: Apache-2.0
// x * sigmoid(x), float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return x / (1.0f + exponential(-x));
}
}  // namespace
extern const Kernel silu_f32_avx512_kernel = unary_kernel<apply>("silu_f32_avx512", "silu", Isa::avx512);
}  // namespace hone
