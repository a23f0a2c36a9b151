// SPDX-License-Identifier: Apache-2.0
// layernorm over the last axis, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel layernorm_f32_generic_kernel{.name = "layernorm_f32_generic", .op = "layernorm", .dtype = DType::f32, .isa = Isa::generic, .run = layernorm};
}  // namespace hone
