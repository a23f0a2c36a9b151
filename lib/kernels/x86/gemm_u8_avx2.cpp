// SPDX-License-Identifier: Apache-2.0
// Matrix product of u8, AVX2: the tile of conv_u8_avx2.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel gemm_u8_avx2_kernel = gemm_kernel<igemm_u8_avx2>("gemm_u8_avx2", DType::u8, Isa::avx2);
}  // namespace hone
