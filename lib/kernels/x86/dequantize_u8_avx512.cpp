// SPDX-License-Identifier: Apache-2.0
// dequantize, per tensor, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/quantize.inc"

namespace hone {
extern const Kernel dequantize_u8_avx512_kernel{.name = "dequantize_u8_avx512", .op = "dequantize", .dtype = DType::u8, .isa = Isa::avx512, .run = dequantize};
}  // namespace hone
