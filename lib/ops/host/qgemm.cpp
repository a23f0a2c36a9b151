// SPDX-License-Identifier: Apache-2.0
// Y = ((A - a_zero_point)' (B - b_zero_point)' + C) * (alpha * a_scale * b_scale), requantized when y_zero_point is given, else float.
// B may have a scale for each column of the product.
#include "lib/ops/host/_composite.h"
#include "lib/ops/host/_quantized.h"
#include "lib/ops/matmul.h"

namespace hone {

static Shape swapped(Shape s, bool swap) {
  if (swap && s.ranked && s.rank() == 2) std::swap(s.dims[0], s.dims[1]);
  return s;
}

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 2, "A"));
  CHECK_OK(expect_rank(c, 3, 2, "B"));
  CHECK_OK(expect_scalars(c, {1, 2, 7, 8}));
  TRY(Shape y, matmul_shape(swapped(c.shape(0), c.node.integer("transA") != 0), swapped(c.shape(3), c.node.integer("transB") != 0)));
  for (const std::size_t i : {4, 5}) {
    const auto dims = c.shape(i).concrete();
    if (dims && count_of(*dims) != 1 && y.ranked && y.dims[1].known() && *dims != Dims{y.dims[1].value})
      return invalid("input {} has shape {}, expected a scalar or {} elements (one for each column)", i, to_string(*dims), y.dims[1].value);
  }
  if (c.has(6)) {
    TRY(const Shape all, broadcast(y, c.shape(6)));
    if (all.known() && y.known() && all != y) return invalid("C of shape {} does not broadcast to {}", to_string(c.shape(6)), to_string(y));
  }
  if (c.has(8) && !c.has(7)) return invalid("y_zero_point is given without y_scale");
  c.set(0, c.has(8) ? c.dtype(8) : DType::f32, std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const auto operand = [&](std::size_t i, std::string_view trans) {
    return c.node.integer(trans) != 0 ? permuted(c.in(i), {1, 0}) : c.in(i);
  };
  TRY(auto acc, centered_product(operand(0, "transA"), c.find(2), operand(3, "transB"), c.find(5)));
  if (c.has(6)) {
    const std::int32_t* bias = c.in(6).data<std::int32_t>();
    for (Rows rows(y->dims(), {&c.in(6).dims()}); !rows.done(); rows.next())
      for (std::int64_t i = 0; i < rows.n; ++i)
        acc[static_cast<std::size_t>(rows.begin + i)] = wrapping(acc[static_cast<std::size_t>(rows.begin + i)],
                                                                 bias[rows.at[0] + i * rows.step[0]], [](auto a, auto b) { return a + b; });
  }
  const std::vector<float> b_scale = c.in(4).to_floats();
  const Grid pa = grid_of(c, 1, 2), py = c.has(7) ? grid_of(c, 7, 8) : Grid{};
  const std::int64_t n = y->dims()[1];
  WriteAs<float> out(*y);
  for (std::int64_t i = 0; i < y->count(); ++i) {
    const float scale = c.node.number("alpha", 1) * pa.scale * per_column(b_scale, i % n),
                sum = static_cast<float>(acc[static_cast<std::size_t>(i)]);
    out[i] = c.has(8) ? py.stored(sum * (scale / py.scale), range_of(y->dtype())) : sum * scale;
  }
  return Ok{};
}
extern const Op qgemm_op{
    .name = "QGemm",
    .domain = "com.microsoft",
    .inputs = "A: TA, a_scale: T, a_zero_point: TA, B: TB, b_scale: T, b_zero_point: TB, C?: TC, y_scale?: T, y_zero_point?: TYZ",
    .outputs = "Y: TY",
    .attributes = "alpha: float = 1, transA: int = 0, transB: int = 0",
    .types = "T: float; TA: uint8 int8; TB: uint8 int8; TC: int32; TYZ: uint8 int8; TY: float uint8 int8",
    .infer = infer,
    .reference = run};

}  // namespace hone
