// SPDX-License-Identifier: Apache-2.0
// Quantized mul with broadcasting, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
extern const Kernel mul_u8_avx512_kernel{.name = "mul_u8_avx512", .op = "mul", .dtype = DType::u8, .isa = Isa::avx512, .run = mul_u8};
}  // namespace hone
