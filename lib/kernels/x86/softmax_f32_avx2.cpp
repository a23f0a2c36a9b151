// SPDX-License-Identifier: Apache-2.0
// softmax over the last axis, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel softmax_f32_avx2_kernel{.name = "softmax_f32_avx2", .op = "softmax", .dtype = DType::f32, .isa = Isa::avx2, .run = softmax};
}  // namespace hone
