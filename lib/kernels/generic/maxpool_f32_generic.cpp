// SPDX-License-Identifier: Apache-2.0
// maxpool of f32, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/pool.inc"

namespace hone {
extern const Kernel maxpool_f32_generic_kernel{.name = "maxpool_f32_generic", .op = "maxpool", .dtype = DType::f32, .isa = Isa::generic, .run = maxpool_f32};
}  // namespace hone
