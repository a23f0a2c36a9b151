// SPDX-License-Identifier: Apache-2.0
// Dense convolution of u8, AVX-512 VNNI, and the tile that gemm and groupconv share.
#include "lib/kernels/igemm.h"
#define HONE_VNNI
#include "lib/kernels/x86/avx512.h"

namespace hone {
namespace {
constexpr std::size_t tile_rows = 8, tile_vectors = 3;
}  // namespace
}  // namespace hone
#include "lib/kernels/loops/igemm_u8.inc"

namespace hone {
constexpr Igemm igemm_u8_avx512vnni{.dtype = DType::u8, .mr = tile_rows, .lanes = lanes, .max_vectors = tile_vectors, .group = u8_group,
                                   .weight_bytes = sizeof(Weight), .tile = run_tile};
extern const Kernel conv_u8_avx512vnni_kernel = conv_kernel<igemm_u8_avx512vnni>("conv_u8_avx512vnni", "conv", DType::u8, Isa::avx512vnni);
}  // namespace hone
