// SPDX-License-Identifier: Apache-2.0
// maxpool of u8, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel maxpool_u8_generic_kernel{.name = "maxpool_u8_generic", .op = "maxpool", .dtype = DType::u8, .isa = Isa::generic, .run = maxpool_u8};
}  // namespace hone
