// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_quantized.h"

#include "lib/ops/matmul.h"

namespace hone {

Grid grid_of(const OpCall& c, std::size_t scale, std::size_t zero) {
  return {static_cast<float>(element(c.in(scale), 0)), c.has(zero) ? static_cast<float>(element(c.in(zero), 0)) : 0.0f};
}

Status expect_scalars(const InferCall& c, std::initializer_list<std::size_t> inputs) {
  for (const std::size_t i : inputs)
    if (const auto dims = c.shape(i).concrete(); dims && count_of(*dims) != 1)
      return invalid("input {} has shape {}, expected a scalar", i, to_string(*dims));
  return Ok{};
}

Grid dynamic_grid(std::span<const float> values) {
  float low = 0, high = 0;
  for (const float v : values) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  const float scale = high == low ? 1.0f : (high - low) / 255;
  return {scale, std::nearbyint(std::fmax(0.0f, std::fmin(255.0f, -low / scale)))};
}

Status infer_qlinear_binary(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 3));
  CHECK_OK(expect_scalars(c, {1, 2, 4, 5, 6, 7}));
  TRY(Shape shape, broadcast(c.shape(0), c.shape(3)));
  c.set(0, c.dtype(0), std::move(shape));
  return Ok{};
}

Status infer_qlinear_unary(InferCall& c) {
  CHECK_OK(expect_scalars(c, {1, 2, 3, 4}));
  return infer_same(c);
}

Status run_dequantized(OpCall& c, const std::function<Result<Tensor>(const Tensor& x)>& f) {
  const Tensor& x = c.in(0);
  const Grid px = grid_of(c, 1, 2), py = grid_of(c, 3, 4);
  Tensor real = Tensor::allocate(DType::f32, x.dims());
  const ReadAs<float> in(x);
  for (std::int64_t i = 0; i < x.count(); ++i) real.data<float>()[i] = px.real(in[i]);
  TRY(const Tensor result, f(real));
  WriteAs<float> out(c.make(0, x.dtype(), result.dims()));
  for (std::int64_t i = 0; i < result.count(); ++i) out[i] = py.quantized(result.data<float>()[i], range_of(x.dtype()));
  return Ok{};
}

Result<std::vector<std::int32_t>> centered_product(const Tensor& a, const Tensor* a_zero, const Tensor& b, const Tensor* b_zero) {
  TRY(const auto left, centered(a, a_zero, std::max<std::size_t>(a.rank(), 2) - 2));
  TRY(const auto right, centered(b, b_zero, b.rank() - 1));
  TRY(const Shape shape, matmul_shape(Shape::of(a.dims()), Shape::of(b.dims())));
  std::vector<std::int32_t> acc(static_cast<std::size_t>(count_of(*shape.concrete())) + 1);
  matmul(a.dims(), b.dims(), left.data(), right.data(), acc.data());
  return acc;
}

Status expect_per_column(const InferCall& c, std::size_t i, std::size_t b) {
  const auto dims = c.shape(i).concrete();
  const Shape& matrix = c.shape(b);
  if (!dims || !matrix.ranked || count_of(*dims) == 1) return Ok{};
  const Dim columns = matrix.rank() < 2 ? Dim(1) : matrix.dims.back();
  if (!columns.known() || (dims->size() == 1 && (*dims)[0] == columns.value)) return Ok{};
  return invalid("input {} has shape {}, expected a scalar or {} elements (one for each column of input {})", i, to_string(*dims),
                 columns.value, b);
}

}  // namespace hone
