// SPDX-License-Identifier: Apache-2.0
// dequantize, per tensor, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/quantize.inc"

namespace hone {
extern const Kernel dequantize_u8_avx2_kernel{.name = "dequantize_u8_avx2", .op = "dequantize", .dtype = DType::u8, .isa = Isa::avx2, .run = dequantize};
}  // namespace hone
