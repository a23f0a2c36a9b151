// SPDX-License-Identifier: Apache-2.0
// Matrix product of u8, AVX-512 VNNI: the tile of conv_u8_avx512vnni.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel gemm_u8_avx512vnni_kernel = gemm_kernel<igemm_u8_avx512vnni>("gemm_u8_avx512vnni", DType::u8, Isa::avx512vnni);
}  // namespace hone
