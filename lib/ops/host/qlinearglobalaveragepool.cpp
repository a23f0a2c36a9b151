// SPDX-License-Identifier: Apache-2.0
// The mean of each channel's plane: the integer sum less the zero points, times X_scale / (Y_scale * size), rounded half to even.
#include "lib/ops/host/_composite.h"
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_scalars(c, {1, 2, 3, 4}));
  Shape y = c.shape(0);
  if (y.ranked && y.rank() < 3) return invalid("the input has shape {}, expected batch, channels and spatial axes", to_string(y));
  const bool last = c.node.integer("channels_last") != 0;
  for (std::size_t i = 1; i < y.rank(); ++i)
    if (i != (last ? y.rank() - 1 : 1)) y.dims[i] = 1;
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor planes = c.node.integer("channels_last") != 0 ? channels_first(c.in(0)) : c.in(0);
  const Grid px = grid_of(c, 1, 2), py = grid_of(c, 3, 4);
  const Range range = range_of(y->dtype());
  const ReadAs<std::int64_t> x(planes);
  WriteAs<float> out(*y);  // one element for each plane, in either layout
  const std::int64_t size = y->count() ? planes.count() / y->count() : 0;
  const float multiplier = px.scale / (py.scale * static_cast<float>(size));
  for (std::int64_t i = 0; i < y->count(); ++i) {
    std::int64_t sum = 0;
    for (std::int64_t k = 0; k < size; ++k) sum += x[i * size + k] - static_cast<std::int64_t>(px.zero);
    out[i] = py.stored(static_cast<float>(sum) * multiplier, range);
  }
  return Ok{};
}
extern const Op qlinearglobalaveragepool_op{.name = "QLinearGlobalAveragePool",
                                            .domain = "com.microsoft",
                                            .inputs = "X: T, x_scale: S, x_zero_point: T, y_scale: S, y_zero_point: T",
                                            .outputs = "Y: T",
                                            .attributes = "channels_last: int = 0",
                                            .types = qlinear_types,
                                            .infer = infer,
                                            .reference = run};

}  // namespace hone
