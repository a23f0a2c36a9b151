// SPDX-License-Identifier: Apache-2.0
// Matrix product of f32, AVX-512: the tile of conv_f32_avx512.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel gemm_f32_avx512_kernel = gemm_kernel<igemm_f32_avx512>("gemm_f32_avx512", DType::f32, Isa::avx512);
}  // namespace hone
