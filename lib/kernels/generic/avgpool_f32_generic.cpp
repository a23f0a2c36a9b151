// SPDX-License-Identifier: Apache-2.0
// avgpool of f32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel avgpool_f32_generic_kernel{.name = "avgpool_f32_generic", .op = "avgpool", .dtype = DType::f32, .isa = Isa::generic, .run = avgpool_f32};
}  // namespace hone
