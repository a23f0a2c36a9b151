// SPDX-License-Identifier: Apache-2.0
// The error function, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return error_function(x);
}
}  // namespace
extern const Kernel erf_f32_generic_kernel = unary_kernel<apply>("erf_f32_generic", "erf", Isa::generic);
}  // namespace hone
