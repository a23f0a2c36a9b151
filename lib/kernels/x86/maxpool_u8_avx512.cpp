// SPDX-License-Identifier: Apache-2.0
// maxpool of u8, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel maxpool_u8_avx512_kernel{.name = "maxpool_u8_avx512", .op = "maxpool", .dtype = DType::u8, .isa = Isa::avx512, .run = maxpool_u8};
}  // namespace hone
