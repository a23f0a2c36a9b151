// SPDX-License-Identifier: Apache-2.0
// avgpool of f32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel avgpool_f32_avx512_kernel{.name = "avgpool_f32_avx512", .op = "avgpool", .dtype = DType::f32, .isa = Isa::avx512, .run = avgpool_f32};
}  // namespace hone
