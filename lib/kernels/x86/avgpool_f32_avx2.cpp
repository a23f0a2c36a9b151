// SPDX-License-Identifier: Apache-2.0
// avgpool of f32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel avgpool_f32_avx2_kernel{.name = "avgpool_f32_avx2", .op = "avgpool", .dtype = DType::f32, .isa = Isa::avx2, .run = avgpool_f32};
}  // namespace hone
