// SPDX-License-Identifier: Apache-2.0
// Grouped convolution of f32, AVX2: the tile of conv_f32_avx2.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel groupconv_f32_avx2_kernel = conv_kernel<igemm_f32_avx2>("groupconv_f32_avx2", "groupconv", DType::f32, Isa::avx2);
}  // namespace hone
