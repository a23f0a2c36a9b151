// SPDX-License-Identifier: Apache-2.0
// Grouped convolution of u8: the tile of conv_u8_generic.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel groupconv_u8_generic_kernel = conv_kernel<igemm_u8_generic>("groupconv_u8_generic", "groupconv", DType::u8, Isa::generic);
}  // namespace hone
