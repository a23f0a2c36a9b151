// SPDX-License-Identifier: Apache-2.0
// 8-bit tensors with one scale and one zero point, which is 0 where it is left out: what the QLinear operators of com.microsoft
// share. Results are rounded half to even and clamped. Products are exact: lib/ops/matmul.h in int32.
#pragma once
#include <cmath>

#include "lib/ops/elementwise.h"
#include "lib/ops/quantize.h"
#include "lib/ops/wide.h"

namespace hone {

struct Grid {
  float scale = 1, zero = 0;
  float real(float q) const { return (q - zero) * scale; }
  // The quantized value of scaled * scale.
  float stored(float scaled, Range r) const {
    return static_cast<float>(std::fmax(r.low, std::fmin(r.high, static_cast<double>(std::nearbyint(scaled) + zero))));
  }
  float quantized(float x, Range r) const { return stored(x / scale, r); }
};
// From these inputs. REQUIRES: expect_scalars accepts them.
Grid grid_of(const OpCall&, std::size_t scale, std::size_t zero);
// An error when one of these inputs is present and has not one element.
Status expect_scalars(const InferCall&, std::initializer_list<std::size_t> inputs);
// uint8 parameters for values from low to high, widened to hold zero, as DynamicQuantizeLinear chooses them.
Grid dynamic_grid(std::span<const float> values);

// Inputs A, scale, zero point, B, scale, zero point, scale and zero point of the output. Rule: like A and B broadcast.
inline constexpr std::string_view qlinear_binary_inputs =
    "A: T, A_scale: S, A_zero_point?: T, B: T, B_scale: S, B_zero_point?: T, C_scale: S, C_zero_point?: T";
Status infer_qlinear_binary(InferCall&);
// f(a, b) in units of the output's scale, where a and b are less their zero points.
template <class F>
Status qlinear_binary(OpCall& c, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Grid pa = grid_of(c, 1, 2), pb = grid_of(c, 4, 5), py = grid_of(c, 6, 7);
  const ReadAs<float> a(c.in(0)), b(c.in(3));
  WriteAs<float> out(*y);
  const Range range = range_of(y->dtype());
  for (Rows rows(y->dims(), {&c.in(0).dims(), &c.in(3).dims()}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i)
      out[rows.begin + i] = py.stored(
          f(a[rows.at[0] + i * rows.step[0]] - pa.zero, b[rows.at[1] + i * rows.step[1]] - pb.zero, pa.scale, pb.scale, py.scale), range);
  return Ok{};
}

// Inputs X, scale, zero point, scale and zero point of the output.
inline constexpr std::string_view qlinear_unary_inputs = "X: T, X_scale: S, X_zero_point?: T, Y_scale: S, Y_zero_point?: T";
inline constexpr std::string_view qlinear_types = "T: int8 uint8; S: float";
Status infer_qlinear_unary(InferCall&);  // like X
template <class F>
Status qlinear_unary(OpCall& c, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Grid px = grid_of(c, 1, 2), py = grid_of(c, 3, 4);
  const ReadAs<float> x(c.in(0));
  WriteAs<float> out(*y);
  const Range range = range_of(y->dtype());
  for (std::int64_t i = 0; i < y->count(); ++i) out[i] = py.quantized(f(px.real(x[i])), range);
  return Ok{};
}

// Output 0 = quantize(f(dequantize(input 0))), with the scales and zero points in inputs 1 to 4.
Status run_dequantized(OpCall&, const std::function<Result<Tensor>(const Tensor& x)>& f);

// The int32 product of a and b, less their zero points: one for all, or one for each column of b.
Result<std::vector<std::int32_t>> centered_product(const Tensor& a, const Tensor* a_zero, const Tensor& b, const Tensor* b_zero);
// Element j of a scale with one element, or one for each column.
inline float per_column(const std::vector<float>& scale, std::int64_t j) {
  return scale[scale.size() == 1 ? 0 : static_cast<std::size_t>(j)];
}
// An error unless input i is absent, has one element, or one for each column of the matrix in input b.
Status expect_per_column(const InferCall&, std::size_t i, std::size_t b);

}  // namespace hone
