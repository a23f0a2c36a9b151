// SPDX-License-Identifier: Apache-2.0
// Dense convolution of f32, AVX2, and the tile that gemm and groupconv share.
#include "lib/kernels/igemm.h"
#include "lib/kernels/x86/avx2.h"

namespace hone {
namespace {
constexpr std::size_t tile_rows = 6, tile_vectors = 2;
}  // namespace
}  // namespace hone
#include "lib/kernels/loops/igemm_f32.inc"

namespace hone {
constexpr Igemm igemm_f32_avx2{.dtype = DType::f32, .mr = tile_rows, .lanes = lanes, .max_vectors = tile_vectors, .group = 1,
                              .weight_bytes = 4, .tile = run_tile};
extern const Kernel conv_f32_avx2_kernel = conv_kernel<igemm_f32_avx2>("conv_f32_avx2", "conv", DType::f32, Isa::avx2);
}  // namespace hone
