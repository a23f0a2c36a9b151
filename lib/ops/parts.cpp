// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/parts.h"

namespace hone {

std::optional<Tensor> complex_parts(const Tensor& t) {
  if (t.dtype() != DType::c64 && t.dtype() != DType::c128) return std::nullopt;
  Dims dims = t.dims();
  dims.push_back(2);
  return Tensor::view(t.dtype() == DType::c64 ? DType::f32 : DType::f64, std::move(dims), t.bytes(), t.owner()).value();
}

}  // namespace hone
