// SPDX-License-Identifier: Apache-2.0
// reducemean over the last axis, float32, AVX2.
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel reducemean_f32_avx2_kernel{.name = "reducemean_f32_avx2", .op = "reducemean", .dtype = DType::f32, .isa = Isa::avx2, .run = reducemean};
}  // namespace hone
