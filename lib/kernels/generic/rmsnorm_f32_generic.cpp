// SPDX-License-Identifier: Apache-2.0
// rmsnorm over the last axis, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel rmsnorm_f32_generic_kernel{.name = "rmsnorm_f32_generic", .op = "rmsnorm", .dtype = DType::f32, .isa = Isa::generic, .run = rmsnorm};
}  // namespace hone
