// SPDX-License-Identifier: Apache-2.0
// Matrix product of 8-bit integers, accumulated in int32 and requantized. Scales: one, or one for each row of a and column of b.
#include <algorithm>
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/matmul.h"
#include "lib/ops/quantize.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Shape y, matmul_shape(c.shape(0), c.shape(3)));
  if (const auto dims = c.shape(6).concrete(); dims && count_of(*dims) != 1)
    return invalid("y_scale has shape {}, expected a scalar", to_string(*dims));
  if (const auto dims = c.shape(7).concrete(); dims && count_of(*dims) != 1)
    return invalid("y_zero_point has shape {}, expected a scalar", to_string(*dims));
  c.set(0, c.dtype(7), std::move(y));
  return Ok{};
}

// Where 8-bit floats take part: the product of what they stand for, in float.
static Status run_floats(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  for (const std::size_t i : {1, 2, 4, 5, 6, 7})
    if (c.in(i).count() != 1) return invalid("input {} has {} elements, expected 1 beside 8-bit floats", i, c.in(i).count());
  const auto less_zero = [&](std::size_t i) {
    std::vector<float> values = c.in(i).to_floats();
    const float zero = c.in(i + 2).to_floats()[0];
    values.push_back(0);  // never empty: data() is not null
    for (float& v : values) v -= zero;
    return values;
  };
  const std::vector<float> a = less_zero(0), b = less_zero(3);
  const std::vector<float> a_scale = c.in(1).to_floats(), b_scale = c.in(4).to_floats();
  const double scale = static_cast<double>(a_scale[0] * b_scale[0] / c.in(6).to_floats()[0]), zero = element(c.in(7), 0);
  std::vector<float> acc(static_cast<std::size_t>(y->count()) + 1);
  matmul(c.in(0).dims(), c.in(3).dims(), a.data(), b.data(), acc.data());
  const bool rounds = !is_float(y->dtype());
  const Range range = rounds ? range_of(y->dtype()) : Range{};
  for (std::int64_t i = 0; i < y->count(); ++i) {
    const double v = static_cast<double>(acc[static_cast<std::size_t>(i)]) * scale;
    store(*y, i, rounds ? std::fmax(range.low, std::fmin(range.high, std::nearbyint(v) + zero)) : v + zero);
  }
  return Ok{};
}

static Status run(OpCall& c) {
  const DType types[] = {c.in(0).dtype(), c.in(3).dtype(), c.in(7).dtype()};
  if (std::ranges::any_of(types, is_float)) return run_floats(c);
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor &a = c.in(0), &b = c.in(3);
  TRY(const auto left, centered(a, &c.in(2), std::max<std::size_t>(a.rank(), 2) - 2));
  TRY(const auto right, centered(b, &c.in(5), b.rank() - 1));
  std::vector<std::int32_t> acc(static_cast<std::size_t>(y->count()) + 1);
  matmul(a.dims(), b.dims(), left.data(), right.data(), acc.data());
  const std::vector<float> a_scale = c.in(1).to_floats(), b_scale = c.in(4).to_floats();
  const std::int64_t m = a.rank() == 1 ? 1 : a.dims().end()[-2], n = b.rank() == 1 ? 1 : b.dims().back();
  if ((a_scale.size() != 1 && static_cast<std::int64_t>(a_scale.size()) != m) ||
      (b_scale.size() != 1 && static_cast<std::int64_t>(b_scale.size()) != n))
    return invalid("scales have {} and {} elements, expected 1, or {} (rows of a) and {} (columns of b)", a_scale.size(), b_scale.size(), m,
                   n);
  const float y_scale = c.in(6).to_floats()[0];
  const double zero = element(c.in(7), 0);
  const Range range = range_of(y->dtype());
  for (std::int64_t i = 0; i < y->count(); ++i) {
    const float row = a_scale[a_scale.size() == 1 ? 0 : static_cast<std::size_t>(i / n % m)];
    const float column = b_scale[b_scale.size() == 1 ? 0 : static_cast<std::size_t>(i % n)];
    store(*y, i, requantize(acc[static_cast<std::size_t>(i)], row * column / y_scale, zero, range));
  }
  return Ok{};
}
extern const Op qlinearmatmul_op{
    .name = "QLinearMatMul",
    .since = 10,
    .inputs = "a: T1, a_scale: F, a_zero_point: T1, b: T2, b_scale: F, b_zero_point: T2, y_scale: F, y_zero_point: T3",
    .outputs = "y: T3",
    .types = "T1: int8 uint8 float8; T2: int8 uint8 float8; T3: int8 uint8 float8; F: float float16 bfloat16",
    .infer = infer,
    .reference = run};

}  // namespace hone
