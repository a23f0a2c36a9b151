// SPDX-License-Identifier: Apache-2.0
// x * sigmoid(x), float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return x / (1.0f + exponential(-x));
}
}  // namespace
extern const Kernel silu_f32_avx2_kernel = unary_kernel<apply>("silu_f32_avx2", "silu", Isa::avx2);
}  // namespace hone
