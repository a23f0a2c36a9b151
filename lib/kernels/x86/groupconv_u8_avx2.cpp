// SPDX-License-Identifier: Apache-2.0
// Grouped convolution of u8, AVX2: the tile of conv_u8_avx2.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel groupconv_u8_avx2_kernel = conv_kernel<igemm_u8_avx2>("groupconv_u8_avx2", "groupconv", DType::u8, Isa::avx2);
}  // namespace hone
