// SPDX-License-Identifier: Apache-2.0
// Grouped convolution of f32: the tile of conv_f32_generic.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel groupconv_f32_generic_kernel = conv_kernel<igemm_f32_generic>("groupconv_f32_generic", "groupconv", DType::f32, Isa::generic);
}  // namespace hone
