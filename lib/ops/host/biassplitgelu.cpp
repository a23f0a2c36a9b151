// SPDX-License-Identifier: Apache-2.0
// Y = left * Gelu(right), the halves of X + bias along the last axis.
#include "lib/ops/host/_biased.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(infer_biased(c));
  Shape y = c.shape(0);
  if (y.ranked && y.dims.back().known()) {
    if (y.dims.back().value % 2 != 0) return invalid("the last axis has {} elements, expected an even number", y.dims.back().value);
    y.dims.back() = y.dims.back().value / 2;
  } else if (y.ranked) {
    y.dims.back() = Dim();
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t half = y->dims().back();
  const ReadAs<float> x(c.in(0)), bias(c.in(1));
  WriteAs<float> out(*y);
  for (std::int64_t i = 0; i < y->count(); ++i) {
    const std::int64_t k = i % half, row = i / half * 2 * half;
    out[i] = (x[row + k] + bias[k]) * exact_gelu(x[row + half + k] + bias[half + k]);
  }
  return Ok{};
}
extern const Op biassplitgelu_op{.name = "BiasSplitGelu",
                                 .domain = "com.microsoft",
                                 .inputs = "X: T, bias: T",
                                 .outputs = "Y: T",
                                 .types = "T: float16 float",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
