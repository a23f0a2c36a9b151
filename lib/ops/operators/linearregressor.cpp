// SPDX-License-Identifier: Apache-2.0
// Y = X * coefficients' + intercepts, for each target.
#include "lib/ops/trees.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  const std::int64_t targets = c.node.integer("targets", 1);
  if (targets < 1 || targets > 1 << 20) return invalid("targets is {}, expected 1 or more", targets);
  CHECK_OK(check_transform(c.node.text("post_transform", "NONE")));
  c.set(0, DType::f32, Shape{rows, targets});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t targets = y->dims()[1];
  const Samples x = samples_of(c.in(0));
  TRY(std::vector<double> scores, linear_scores(c.node, x, targets));
  for (std::int64_t row = 0; row < x.rows; ++row)
    transform_scores(c.node.text("post_transform", "NONE"),
                     std::span(scores).subspan(static_cast<std::size_t>(row * targets), static_cast<std::size_t>(targets)));
  std::ranges::transform(scores, y->data<float>(), [](double v) { return static_cast<float>(v); });
  return Ok{};
}
extern const Op linearregressor_op{
    .name = "LinearRegressor",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T",
    .outputs = "Y: F",
    .attributes = "coefficients: floats, intercepts: floats, post_transform: string = NONE, targets: int = 1",
    .types = "T: float double int64 int32; F: float",
    .infer = infer,
    .reference = run};

}  // namespace hone
