// SPDX-License-Identifier: Apache-2.0
// QuantizeLinear and DequantizeLinear between float32 and uint8 with one constant scale and zero point.
#include <cmath>

#include "lib/exec/bind.h"

namespace hone {

bool bind_quantize(const Site& s, Binding& b) {
  const bool quantize = s.node.op == "QuantizeLinear";
  const DType from = quantize ? DType::f32 : DType::u8, to = quantize ? DType::u8 : DType::f32;
  const Tensor *scale = s.constant(1), *zero = s.constant(2);
  if (s.dtype(0) != from || s.out[0].dtype != to || !scale || scale->count() != 1 || scale->dtype() != DType::f32) return false;
  if (s.has(2) && (!zero || zero->count() != 1)) return false;
  QuantizeParams p{.n = count_of(s.out_dims()), .scale = scale->data<float>()[0], .zero = zero ? static_cast<std::int32_t>(zero->to_ints()[0]) : 0};
  if (!std::isfinite(p.scale) || p.scale == 0) return false;
  b.inputs = {0};
  return b.choose(quantize ? "quantize" : "dequantize", DType::u8, p);
}

}  // namespace hone
