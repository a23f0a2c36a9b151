// SPDX-License-Identifier: Apache-2.0
// Quantized mul with broadcasting, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
extern const Kernel mul_u8_avx2_kernel{.name = "mul_u8_avx2", .op = "mul", .dtype = DType::u8, .isa = Isa::avx2, .run = mul_u8};
}  // namespace hone
