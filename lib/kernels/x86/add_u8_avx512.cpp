// SPDX-License-Identifier: Apache-2.0
// Quantized add with broadcasting, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
extern const Kernel add_u8_avx512_kernel{.name = "add_u8_avx512", .op = "add", .dtype = DType::u8, .isa = Isa::avx512, .run = add_u8};
}  // namespace hone
