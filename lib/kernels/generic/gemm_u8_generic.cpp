// SPDX-License-Identifier: Apache-2.0
// Matrix product of u8: the tile of conv_u8_generic.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel gemm_u8_generic_kernel = gemm_kernel<igemm_u8_generic>("gemm_u8_generic", DType::u8, Isa::generic);
}  // namespace hone
