// SPDX-License-Identifier: Apache-2.0
// layernorm over the last axis, float32, AVX-512.
#include "lib/kernels/x86/avx512.h"
#include "lib/kernels/loops/rows.inc"

namespace hone {
extern const Kernel layernorm_f32_avx512_kernel{.name = "layernorm_f32_avx512", .op = "layernorm", .dtype = DType::f32, .isa = Isa::avx512, .run = layernorm};
}  // namespace hone
