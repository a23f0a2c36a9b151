// SPDX-License-Identifier: Apache-2.0
// Elements of the last axis, chosen by index; a vector gives one row.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape out = c.shape(0);
  if (out.ranked) {
    if (out.rank() == 0) return invalid("X is a scalar");
    const Shape& y = c.shape(1);
    const Dim n = y.ranked ? product(std::span<const Dim>(y.dims)) : Dim();
    out.dims.back() = n;
    if (out.rank() == 1) out.dims.insert(out.dims.begin(), Dim(1));
  }
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  const std::int64_t row = x.dims().back(), rows = product(x.dims(), 0, x.rank() - 1);
  std::int64_t to = 0;
  for (std::int64_t r = 0; r < rows; ++r)
    for (const std::int64_t i : c.in(1).to_ints()) {
      if (i < 0 || i >= row) return invalid("index {} is outside [0, {}]", i, row - 1);
      y.copy(x, r * row + i, to++);
    }
  return y.finish();
}
extern const Op arrayfeatureextractor_op{.name = "ArrayFeatureExtractor",
                                         .domain = "ai.onnx.ml",
                                         .since = 1,
                                         .inputs = "X: T, Y: int64",
                                         .outputs = "Z: T",
                                         .types = "T: float double int64 int32 string",
                                         .infer = infer,
                                         .reference = run};

}  // namespace hone
