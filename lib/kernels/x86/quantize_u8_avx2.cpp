// SPDX-License-Identifier: Apache-2.0
// quantize, per tensor, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/quantize.inc"

namespace hone {
extern const Kernel quantize_u8_avx2_kernel{.name = "quantize_u8_avx2", .op = "quantize", .dtype = DType::u8, .isa = Isa::avx2, .run = quantize};
}  // namespace hone
