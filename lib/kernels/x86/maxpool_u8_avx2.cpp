// SPDX-License-Identifier: Apache-2.0
// maxpool of u8, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel maxpool_u8_avx2_kernel{.name = "maxpool_u8_avx2", .op = "maxpool", .dtype = DType::u8, .isa = Isa::avx2, .run = maxpool_u8};
}  // namespace hone
