// SPDX-License-Identifier: Apache-2.0
// Quantized mul with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
extern const Kernel mul_u8_generic_kernel{.name = "mul_u8_generic", .op = "mul", .dtype = DType::u8, .isa = Isa::generic, .run = mul_u8};
}  // namespace hone
