// SPDX-License-Identifier: Apache-2.0
// Grouped convolution of f32, AVX-512: the tile of conv_f32_avx512.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel groupconv_f32_avx512_kernel = conv_kernel<igemm_f32_avx512>("groupconv_f32_avx512", "groupconv", DType::f32, Isa::avx512);
}  // namespace hone
