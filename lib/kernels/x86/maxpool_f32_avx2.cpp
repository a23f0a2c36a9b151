// SPDX-License-Identifier: Apache-2.0
// maxpool of f32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel maxpool_f32_avx2_kernel{.name = "maxpool_f32_avx2", .op = "maxpool", .dtype = DType::f32, .isa = Isa::avx2, .run = maxpool_f32};
}  // namespace hone
