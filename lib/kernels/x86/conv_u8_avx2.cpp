// SPDX-License-Identifier: Apache-2.0
// Dense convolution of u8, AVX2, and the tile that gemm and groupconv share.
#include "lib/kernels/igemm.h"
#include "lib/kernels/x86/avx2.h"

namespace hone {
namespace {
constexpr std::size_t tile_rows = 6, tile_vectors = 2;
}  // namespace
}  // namespace hone
#include "lib/kernels/loops/igemm_u8.inc"

namespace hone {
constexpr Igemm igemm_u8_avx2{.dtype = DType::u8, .mr = tile_rows, .lanes = lanes, .max_vectors = tile_vectors, .group = u8_group,
                             .weight_bytes = sizeof(Weight), .tile = run_tile};
extern const Kernel conv_u8_avx2_kernel = conv_kernel<igemm_u8_avx2>("conv_u8_avx2", "conv", DType::u8, Isa::avx2);
}  // namespace hone
