// SPDX-License-Identifier: Apache-2.0
// maxpool of f32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel maxpool_f32_avx512_kernel{.name = "maxpool_f32_avx512", .op = "maxpool", .dtype = DType::f32, .isa = Isa::avx512, .run = maxpool_f32};
}  // namespace hone
