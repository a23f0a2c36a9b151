// SPDX-License-Identifier: Apache-2.0
// avgpool of u8, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel avgpool_u8_avx512_kernel{.name = "avgpool_u8_avx512", .op = "avgpool", .dtype = DType::u8, .isa = Isa::avx512, .run = avgpool_u8};
}  // namespace hone
