// SPDX-License-Identifier: Apache-2.0
// quantize, per tensor, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/quantize.inc"

namespace hone {
extern const Kernel quantize_u8_generic_kernel{.name = "quantize_u8_generic", .op = "quantize", .dtype = DType::u8, .isa = Isa::generic, .run = quantize};
}  // namespace hone
