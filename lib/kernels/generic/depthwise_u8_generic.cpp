// SPDX-License-Identifier: Apache-2.0
// Depthwise convolution of u8, any CPU.
#include "lib/kernels/depthwise.h"
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/depthwise_u8.inc"

namespace hone {
static constexpr Depthwise depthwise{.dtype = DType::u8, .block = tile_block, .group = tile_group, .position = nullptr, .run = run_pixels};
extern const Kernel depthwise_u8_generic_kernel = depthwise_kernel<depthwise>("depthwise_u8_generic", DType::u8, Isa::generic);
}  // namespace hone
