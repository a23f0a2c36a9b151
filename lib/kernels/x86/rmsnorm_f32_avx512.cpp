// SPDX-License-Identifier: Apache-2.0
// rmsnorm over the last axis, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel rmsnorm_f32_avx512_kernel{.name = "rmsnorm_f32_avx512", .op = "rmsnorm", .dtype = DType::f32, .isa = Isa::avx512, .run = rmsnorm};
}  // namespace hone
