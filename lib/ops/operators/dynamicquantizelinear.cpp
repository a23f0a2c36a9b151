// SPDX-License-Identifier: Apache-2.0
// uint8 quantization by the range of x itself, widened to hold zero; also returns the scale and the zero point.
#include <cmath>

#include "lib/ops/quantize.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, DType::u8, c.shape(0));
  c.set(1, DType::f32, Shape(std::vector<Dim>()));
  c.set(2, DType::u8, Shape(std::vector<Dim>()));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  float low = 0, high = 0;
  for (const float v : x.values<float>()) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  const float scale = high == low ? 1.0f : (high - low) / 255;
  const float zero = std::nearbyint(std::fmax(0.0f, std::fmin(255.0f, -low / scale)));
  Tensor& y = c.make(0, DType::u8, x.dims());
  for (std::int64_t i = 0; i < x.count(); ++i)
    y.data<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(std::fmax(0.0f, std::fmin(255.0f, std::nearbyint(x.data<float>()[i] / scale) + zero)));
  *c.make(1, DType::f32, {}).data<float>() = scale;
  *c.make(2, DType::u8, {}).data<std::uint8_t>() = static_cast<std::uint8_t>(zero);
  return Ok{};
}
extern const Op dynamicquantizelinear_op{.name = "DynamicQuantizeLinear",
                                         .since = 11,
                                         .inputs = "x: T1",
                                         .outputs = "y: T2, y_scale: T1, y_zero_point: T2",
                                         .types = "T1: float; T2: uint8",
                                         .infer = infer,
                                         .reference = run};

}  // namespace hone
