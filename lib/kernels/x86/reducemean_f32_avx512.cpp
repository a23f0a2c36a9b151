// SPDX-License-Identifier: Apache-2.0
// reducemean over the last axis, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel reducemean_f32_avx512_kernel{.name = "reducemean_f32_avx512", .op = "reducemean", .dtype = DType::f32, .isa = Isa::avx512, .run = reducemean};
}  // namespace hone
