// SPDX-License-Identifier: Apache-2.0
// Inputs one after the other along an axis, each requantized from its own scale and zero point to those of Y. After Y_scale and
// Y_zero_point the inputs come in threes: tensor, scale, zero point.
#include "lib/ops/host/_quantized.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  if (c.inputs() < 5 || (c.inputs() - 2) % 3 != 0)
    return invalid("{} inputs, expected the scale and zero point of Y, then three for each tensor", c.inputs());
  CHECK_OK(expect_scalars(c, {0, 1}));
  Shape y = c.shape(2);
  std::size_t axis = 0;
  if (y.ranked) {
    TRY(axis, normalize_axis(c.node.integer("axis"), y.rank()));
    y.dims[axis] = 0;
  }
  for (std::size_t i = 2; i < c.inputs(); i += 3) {
    CHECK_OK(expect_scalars(c, {i + 1, i + 2}));
    if (!c.has(i) || !c.has(i + 1)) return invalid("input {} is missing", c.has(i) ? i + 1 : i);
    const DType wanted = c.dtype(1);
    for (const std::size_t k : {i, i + 2})
      if (wanted != DType::undefined && c.dtype(k) != DType::undefined && c.dtype(k) != wanted)
        return invalid("input {} has element type {}, expected {} as the zero point of Y", k, name(c.dtype(k)), name(wanted));
    if (c.dtype(i + 1) != DType::undefined && c.dtype(i + 1) != DType::f32) return invalid("input {} is a scale, expected float", i + 1);
    const Shape& s = c.shape(i);
    if (!s.ranked || !y.ranked) {
      y = Shape();
      continue;
    }
    if (s.rank() != y.rank()) return invalid("input {} has shape {}, but an earlier one {}", i, to_string(s), to_string(c.shape(2)));
    for (std::size_t k = 0; k < s.rank(); ++k) {
      if (k == axis) {
        const bool both = y.dims[k].known() && s.dims[k].known();
        y.dims[k] = both ? Dim(checked_add(y.dims[k].value, s.dims[k].value).value_or(-1)) : Dim();
      } else {
        TRY(y.dims[k], unify(y.dims[k], s.dims[k]));
      }
    }
  }
  c.set(0, c.dtype(1), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), y->rank()));
  const Grid to = grid_of(c, 0, 1);
  const Range range = range_of(y->dtype());
  const std::int64_t outer = product(y->dims(), 0, axis), row = product(y->dims(), axis, y->rank());
  WriteAs<float> out(*y);
  std::int64_t at = 0;
  for (std::size_t i = 2; i < c.inputs(); i += 3) {
    const Grid from = grid_of(c, i + 1, i + 2);
    const bool same = from.scale == to.scale && from.zero == to.zero;
    const ReadAs<float> x(c.in(i));
    const std::int64_t n = product(c.in(i).dims(), axis, y->rank());
    for (std::int64_t o = 0; o < outer; ++o)
      for (std::int64_t k = 0; k < n; ++k) out[o * row + at + k] = same ? x[o * n + k] : to.quantized(from.real(x[o * n + k]), range);
    at += n;
  }
  return Ok{};
}
extern const Op qlinearconcat_op{.name = "QLinearConcat",
                                 .domain = "com.microsoft",
                                 .inputs = "Y_scale: S, Y_zero_point: T, inputs...: float int8 uint8",
                                 .outputs = "Y: T",
                                 .attributes = "axis!: int",
                                 .types = qlinear_types,
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
