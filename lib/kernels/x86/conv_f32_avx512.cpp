// SPDX-License-Identifier: Apache-2.0
// Dense convolution of f32, AVX-512, and the tile that gemm and groupconv share.
#include "lib/kernels/igemm.h"
#include "lib/kernels/x86/avx512.h"

namespace hone {
namespace {
constexpr std::size_t tile_rows = 8, tile_vectors = 3;
}  // namespace
}  // namespace hone
#include "lib/kernels/loops/igemm_f32.inc"

namespace hone {
constexpr Igemm igemm_f32_avx512{.dtype = DType::f32, .mr = tile_rows, .lanes = lanes, .max_vectors = tile_vectors, .group = 1,
                                .weight_bytes = 4, .tile = run_tile};
extern const Kernel conv_f32_avx512_kernel = conv_kernel<igemm_f32_avx512>("conv_f32_avx512", "conv", DType::f32, Isa::avx512);
}  // namespace hone
