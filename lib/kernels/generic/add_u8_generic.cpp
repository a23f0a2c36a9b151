// SPDX-License-Identifier: Apache-2.0
// Quantized add with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
extern const Kernel add_u8_generic_kernel{.name = "add_u8_generic", .op = "add", .dtype = DType::u8, .isa = Isa::generic, .run = add_u8};
}  // namespace hone
