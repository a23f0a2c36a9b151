// SPDX-License-Identifier: Apache-2.0
// reducemean over the last axis, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel reducemean_f32_generic_kernel{.name = "reducemean_f32_generic", .op = "reducemean", .dtype = DType::f32, .isa = Isa::generic, .run = reducemean};
}  // namespace hone
