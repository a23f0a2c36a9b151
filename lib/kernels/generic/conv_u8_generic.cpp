// SPDX-License-Identifier: Apache-2.0
// Dense convolution of uint8 by int8, and the generic integer tile that gemm and groupconv share.
#include <array>
#include <utility>

#include "lib/kernels/igemm.h"
#include "lib/kernels/generic/simd.h"

namespace hone {
namespace {
constexpr std::size_t tile_rows = 4, tile_vectors = 2;
}  // namespace
}  // namespace hone
#include "lib/kernels/loops/igemm_u8.inc"

namespace hone {
constexpr Igemm igemm_u8_generic{.dtype = DType::u8, .mr = tile_rows, .lanes = lanes, .max_vectors = tile_vectors, .group = u8_group,
                                  .weight_bytes = sizeof(Weight), .tile = run_tile};
extern const Kernel conv_u8_generic_kernel = conv_kernel<igemm_u8_generic>("conv_u8_generic", "conv", DType::u8, Isa::generic);
}  // namespace hone
