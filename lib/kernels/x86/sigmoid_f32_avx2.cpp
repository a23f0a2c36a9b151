// SPDX-License-Identifier: Apache-2.0
// 1 / (1 + exp(-x)), float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return sigmoid(x);
}
}  // namespace
extern const Kernel sigmoid_f32_avx2_kernel = unary_kernel<apply>("sigmoid_f32_avx2", "sigmoid", Isa::avx2);
}  // namespace hone
