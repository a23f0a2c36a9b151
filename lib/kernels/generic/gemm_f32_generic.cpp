// SPDX-License-Identifier: Apache-2.0
// Matrix product of f32: the tile of conv_f32_generic.cpp.
#include "lib/kernels/igemm.h"

namespace hone {
extern const Kernel gemm_f32_generic_kernel = gemm_kernel<igemm_f32_generic>("gemm_f32_generic", DType::f32, Isa::generic);
}  // namespace hone
