// SPDX-License-Identifier: Apache-2.0
// MatMulIntegerToFloat of A quantized to uint8 by its own range: Y = (quantize(A) - zero) (B - b_zero_point) * (scale * b_scale) + bias.
#include "lib/ops/host/_quantized.h"
#include "lib/ops/matmul.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Shape y, matmul_shape(c.shape(0), c.shape(1)));
  for (const std::size_t i : {2, 3, 4}) CHECK_OK(expect_per_column(c, i, 1));
  c.set(0, DType::f32, std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& a = c.in(0);
  const Grid pa = dynamic_grid(a.values<float>());
  Tensor quantized = Tensor::allocate(DType::u8, a.dims());
  for (std::int64_t i = 0; i < a.count(); ++i)
    quantized.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(pa.quantized(a.data<float>()[i], range_of(DType::u8)));
  const Tensor zero = Tensor::scalar(static_cast<std::uint8_t>(pa.zero));
  TRY(const auto acc, centered_product(quantized, &zero, c.in(1), c.find(3)));
  const std::int64_t n = c.in(1).rank() == 1 ? 1 : c.in(1).dims().back();
  const std::vector<float> b_scale = c.in(2).to_floats(), bias = c.has(4) ? c.in(4).to_floats() : std::vector<float>{0};
  for (std::int64_t i = 0; i < y->count(); ++i)
    y->data<float>()[i] =
        static_cast<float>(acc[static_cast<std::size_t>(i)]) * (pa.scale * per_column(b_scale, i % n)) + per_column(bias, i % n);
  return Ok{};
}
extern const Op dynamicquantizematmul_op{.name = "DynamicQuantizeMatMul",
                                         .domain = "com.microsoft",
                                         .inputs = "A: T1, B: T2, b_scale: T1, b_zero_point?: T2, bias?: T1",
                                         .outputs = "Y: T1",
                                         .types = "T1: float; T2: int8 uint8",
                                         .infer = infer,
                                         .reference = run};

}  // namespace hone
