// SPDX-License-Identifier: Apache-2.0
// softmax over the last axis, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel softmax_f32_generic_kernel{.name = "softmax_f32_generic", .op = "softmax", .dtype = DType::f32, .isa = Isa::generic, .run = softmax};
}  // namespace hone
