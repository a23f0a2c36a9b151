// SPDX-License-Identifier: Apache-2.0
// 1 / (1 + exp(-x)), float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/unary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf x, const UnaryParams&) {
  return sigmoid(x);
}
}  // namespace
extern const Kernel sigmoid_f32_avx512_kernel = unary_kernel<apply>("sigmoid_f32_avx512", "sigmoid", Isa::avx512);
}  // namespace hone
