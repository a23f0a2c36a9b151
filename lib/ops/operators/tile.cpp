// SPDX-License-Identifier: Apache-2.0
// The input laid side by side, repeats[k] times along axis k.
#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape out = c.shape(0);
  const auto repeats = c.integers(1);
  const auto symbols = c.content(1);
  if (out.ranked && repeats && repeats->size() != out.rank())
    return invalid("repeats has {} values for an input of shape {}", repeats->size(), to_string(out));
  for (std::size_t k = 0; k < out.rank(); ++k) {
    Dim& d = out.dims[k];
    if (repeats && (*repeats)[k] < 0) return invalid("repeats has the value {}", (*repeats)[k]);
    if (repeats && (*repeats)[k] == 1) continue;
    if (repeats && d.known()) d = Dim(checked_mul(d.value, (*repeats)[k]).value_or(INT64_MAX));  // too large: refused when allocated
    else d = symbols && k < symbols->size() ? d * (*symbols)[k] : Dim();
  }
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  if (y.count() == 0) return y.finish();
  if (x.rank() == 0) {
    y.copy(x, 0, 0);
    return y.finish();
  }
  const Dims strides = strides_of(x.dims());
  const std::int64_t row = x.dims().back(), times = y.dims().back() / row;
  std::int64_t to = 0;
  each_index(Dims(y.dims().begin(), y.dims().end() - 1), [&](const Dims& at) {
    std::int64_t from = 0;
    for (std::size_t k = 0; k < at.size(); ++k) from += at[k] % x.dims()[k] * strides[k];
    for (std::int64_t i = 0; i < times; ++i, to += row) y.copy(x, from, to, row);
  });
  return y.finish();
}
extern const Op tile_op{.name = "Tile",
                        .since = 6,
                        .inputs = "input: T, repeats: int64",
                        .outputs = "output: T",
                        .types = "T: all",
                        .infer = infer,
                        .reference = run};

}  // namespace hone
