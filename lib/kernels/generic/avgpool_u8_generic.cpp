// SPDX-License-Identifier: Apache-2.0
// avgpool of u8, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel avgpool_u8_generic_kernel{.name = "avgpool_u8_generic", .op = "avgpool", .dtype = DType::u8, .isa = Isa::generic, .run = avgpool_u8};
}  // namespace hone
