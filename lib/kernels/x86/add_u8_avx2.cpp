// SPDX-License-Identifier: Apache-2.0
// Quantized add with broadcasting, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
extern const Kernel add_u8_avx2_kernel{.name = "add_u8_avx2", .op = "add", .dtype = DType::u8, .isa = Isa::avx2, .run = add_u8};
}  // namespace hone
