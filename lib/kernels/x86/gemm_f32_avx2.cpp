// SPDX-License-Identifier: Apache-2.0
// Matrix product of f32, AVX2: the tile of conv_f32_avx2.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel gemm_f32_avx2_kernel = gemm_kernel<igemm_f32_avx2>("gemm_f32_avx2", DType::f32, Isa::avx2);
}  // namespace hone
