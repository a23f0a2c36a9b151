// SPDX-License-Identifier: Apache-2.0
// dequantize, per tensor, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/quantize.inc"

namespace hone {
extern const Kernel dequantize_u8_generic_kernel{.name = "dequantize_u8_generic", .op = "dequantize", .dtype = DType::u8, .isa = Isa::generic, .run = dequantize};
}  // namespace hone
