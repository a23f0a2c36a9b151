// SPDX-License-Identifier: Apache-2.0
// Dense convolution of float32, and the generic float tile that gemm and groupconv share.
#include <array>
#include <utility>

#include "lib/kernels/igemm.h"
#include "lib/kernels/generic/simd.h"

namespace hone {
namespace {
constexpr std::size_t tile_rows = 4, tile_vectors = 2;
}  // namespace
}  // namespace hone
#include "lib/kernels/loops/igemm_f32.inc"

namespace hone {
constexpr Igemm igemm_f32_generic{.dtype = DType::f32, .mr = tile_rows, .lanes = lanes, .max_vectors = tile_vectors, .group = 1,
                                  .weight_bytes = 4, .tile = run_tile};
extern const Kernel conv_f32_generic_kernel = conv_kernel<igemm_f32_generic>("conv_f32_generic", "conv", DType::f32, Isa::generic);
}  // namespace hone
