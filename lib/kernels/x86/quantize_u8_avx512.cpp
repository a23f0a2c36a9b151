// SPDX-License-Identifier: Apache-2.0
// quantize, per tensor, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/quantize.inc"

namespace hone {
extern const Kernel quantize_u8_avx512_kernel{.name = "quantize_u8_avx512", .op = "quantize", .dtype = DType::u8, .isa = Isa::avx512, .run = quantize};
}  // namespace hone
