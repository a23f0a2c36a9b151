// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of f32, any CPU.
#include "lib/kernels/depthwise.h"
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/depthwise_f32.inc"

namespace hone {
static constexpr Depthwise depthwise{.dtype = DType::f32, .block = tile_block, .group = 1, .position = nullptr, .run = run_pixels};
extern const Kernel depthwise_f32_generic_kernel = depthwise_kernel<depthwise>("depthwise_f32_generic", DType::f32, Isa::generic);
}  // namespace hone
