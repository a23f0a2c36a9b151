// SPDX-License-Identifier: Apache-2.0
// avgpool of u8, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel avgpool_u8_avx2_kernel{.name = "avgpool_u8_avx2", .op = "avgpool", .dtype = DType::u8, .isa = Isa::avx2, .run = avgpool_u8};
}  // namespace hone
