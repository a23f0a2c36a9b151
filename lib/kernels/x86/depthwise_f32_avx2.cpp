// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of f32, AVX2.
#include "lib/kernels/depthwise.h"
#include "lib/kernels/x86/avx2.h"
#include "lib/kernels/loops/depthwise_f32.inc"

namespace hone {
static constexpr Depthwise depthwise{.dtype = DType::f32, .block = tile_block, .group = 1, .position = nullptr, .run = run_pixels};
extern const Kernel depthwise_f32_avx2_kernel = depthwise_kernel<depthwise>("depthwise_f32_avx2", DType::f32, Isa::avx2);
}  // namespace hone
