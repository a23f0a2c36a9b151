// SPDX-License-Identifier: Apache-2.0
// a to the power b, by the C library, float32 with broadcasting, any CPU.
#include "lib/kernels/generic/simd.h"
#include "lib/kernels/loops/binary.inc"

namespace hone {
namespace {
HONE_INLINE vf apply(vf a, vf b) {
  vf y{};
  for (std::size_t i = 0; i < lanes; ++i) y[i] = ::powf(a[i], b[i]);
  return y;
}
}  // namespace
extern const Kernel pow_f32_generic_kernel = binary_kernel<apply>("pow_f32_generic", "pow", Isa::generic);
}  // namespace hone
