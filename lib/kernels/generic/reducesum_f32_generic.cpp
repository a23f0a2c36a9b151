// SPDX-License-Identifier: Apache-2.0
// reducesum over the last axis, float32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel reducesum_f32_generic_kernel{.name = "reducesum_f32_generic", .op = "reducesum", .dtype = DType::f32, .isa = Isa::generic, .run = reducesum};
}  // namespace hone
