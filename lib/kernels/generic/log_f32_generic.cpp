// SPDX-License-Identifier: Apache-2.0
// The natural logarithm, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return logarithm(x);
}
}  // namespace
extern const Kernel log_f32_generic_kernel = unary_kernel<apply>("log_f32_generic", "log", Isa::generic);
}  // namespace hone
