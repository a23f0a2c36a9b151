// SPDX-License-Identifier: Apache-2.0
// 1 / (1 + exp(-x)), float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return sigmoid(x);
}
}  // namespace
extern const Kernel sigmoid_f32_generic_kernel = unary_kernel<apply>("sigmoid_f32_generic", "sigmoid", Isa::generic);
}  // namespace hone
