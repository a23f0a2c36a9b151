// SPDX-License-Identifier: Apache-2.0
// The sum of the kernel values with the support vectors, times their coefficients, plus rho; without support vectors the coefficients are
// those of the features. A one-class machine says 1 (inside) or -1.
#include "lib/ops/host/_svm.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  CHECK_OK(check_transform(c.node.text("post_transform", "NONE")));
  if (c.node.integer("n_supports") < 0) return invalid("n_supports is {}", c.node.integer("n_supports"));
  c.set(0, DType::f32, Shape{rows, Dim(1)});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t count = c.node.integer("n_supports");
  TRY(const Svm svm, Svm::read(c.node, count, 1));
  if (count > 0 && static_cast<std::int64_t>(svm.coefficients.size()) != count)
    return invalid("coefficients has {} values, expected {} (one for each support vector)", svm.coefficients.size(), count);
  const Samples x = samples_of(c.in(0));
  if (x.columns != svm.features) return invalid("the input has {} features, expected {}", x.columns, svm.features);
  for (std::int64_t row = 0; row < x.rows; ++row) {
    const double* sample = x.values.data() + row * x.columns;
    double sum = static_cast<double>(svm.rho[0]) + (count == 0 ? svm.of_row(sample, 0) : 0);
    for (std::int64_t i = 0; i < count; ++i)
      sum += static_cast<double>(svm.coefficients[static_cast<std::size_t>(i)]) * svm.of_vector(sample, i);
    if (c.node.integer("one_class") != 0) sum = sum > 0 ? 1 : -1;
    transform_scores(c.node.text("post_transform", "NONE"), std::span(&sum, 1));
    y->data<float>()[row] = static_cast<float>(sum);
  }
  return Ok{};
}
extern const Op svmregressor_op{
    .name = "SVMRegressor",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T",
    .outputs = "Y: float",
    .attributes = "coefficients: floats, kernel_params: floats, kernel_type: string = LINEAR, n_supports: int = 0, one_class: int = 0, "
                  "post_transform: string = NONE, rho: floats, support_vectors: floats",
    .types = "T: float double int64 int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
