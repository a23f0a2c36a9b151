// SPDX-License-Identifier: Apache-2.0
// Grouped convolution of u8, AVX-512 VNNI: the tile of conv_u8_avx512vnni.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel groupconv_u8_avx512vnni_kernel = conv_kernel<igemm_u8_avx512vnni>("groupconv_u8_avx512vnni", "groupconv", DType::u8, Isa::avx512vnni);
}  // namespace hone
