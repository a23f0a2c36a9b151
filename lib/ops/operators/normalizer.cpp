// SPDX-License-Identifier: Apache-2.0
// Each sample divided by its largest element, its sum of absolutes, or its Euclidean length. A sample of zeros stays zero.
#include <cmath>

#include "lib/ops/trees.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(rows_of(c));
  c.set(0, DType::f32, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const std::string_view kind = c.node.text("norm", "MAX");
  if (kind != "MAX" && kind != "L1" && kind != "L2") return invalid("norm is '{}', expected MAX, L1 or L2", kind);
  const Samples x = samples_of(c.in(0));
  Tensor& y = c.make(0, DType::f32, c.in(0).dims());
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const double* from = x.values.data() + row * x.columns;
    double norm = kind == "MAX" && x.columns > 0 ? *std::max_element(from, from + x.columns) : 0;
    for (std::int64_t i = 0; kind != "MAX" && i < x.columns; ++i) norm += kind == "L1" ? std::abs(from[i]) : from[i] * from[i];
    if (kind == "L2") norm = std::sqrt(norm);
    for (std::int64_t i = 0; i < x.columns; ++i)
      y.data<float>()[row * x.columns + i] = static_cast<float>(norm == 0 ? from[i] : from[i] / norm);
  }
  return Ok{};
}
extern const Op normalizer_op{.name = "Normalizer",
                              .domain = "ai.onnx.ml",
                              .since = 1,
                              .inputs = "X: T",
                              .outputs = "Y: F",
                              .attributes = "norm: string = MAX",
                              .types = "T: float double int64 int32; F: float",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
