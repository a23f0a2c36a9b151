// SPDX-License-Identifier: Apache-2.0
// exp(x), float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return exponential(x);
}
}  // namespace
extern const Kernel exp_f32_generic_kernel = unary_kernel<apply>("exp_f32_generic", "exp", Isa::generic);
}  // namespace hone
