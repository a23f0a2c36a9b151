// SPDX-License-Identifier: Apache-2.0
// softmax over the last axis, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel softmax_f32_avx512_kernel{.name = "softmax_f32_avx512", .op = "softmax", .dtype = DType::f32, .isa = Isa::avx512, .run = softmax};
}  // namespace hone
