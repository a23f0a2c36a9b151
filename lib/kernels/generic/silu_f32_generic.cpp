// SPDX-License-Identifier: Apache-2.0
// x * sigmoid(x), float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return x / (1.0f + exponential(-x));
}
}  // namespace
extern const Kernel silu_f32_generic_kernel = unary_kernel<apply>("silu_f32_generic", "silu", Isa::generic);
}  // namespace hone
