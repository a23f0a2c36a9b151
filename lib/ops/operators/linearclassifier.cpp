// SPDX-License-Identifier: Apache-2.0
// Scores X * coefficients' + intercepts for each class, and the label of the best one. One row of coefficients for two labels is the score
// of the second.
#include "lib/ops/trees.h"

namespace hone {

static constexpr std::string_view integer_labels = "classlabels_ints";

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  TRY(const Labels labels, Labels::read(c.node, integer_labels));
  CHECK_OK(check_transform(c.node.text("post_transform", "NONE")));
  c.set(0, labels.dtype(), Shape{rows});
  c.set(1, DType::f32, Shape{rows, static_cast<std::int64_t>(labels.size())});
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(const Labels labels, Labels::read(c.node, integer_labels));
  const Samples x = samples_of(c.in(0));
  const std::size_t classes = labels.size();
  const bool single = classes == 2 && static_cast<std::int64_t>(c.node.numbers("coefficients").size()) == x.columns;
  TRY(const std::vector<double> raw, linear_scores(c.node, x, single ? 1 : static_cast<std::int64_t>(classes)));
  const std::string_view transform = c.node.text("post_transform", "NONE");
  Tensor z = Tensor::allocate(DType::f32, {x.rows, static_cast<std::int64_t>(classes)});
  std::vector<std::size_t> chosen;
  for (std::size_t row = 0; row < static_cast<std::size_t>(x.rows); ++row) {
    std::vector<double> scores = single ? std::vector<double>{-raw[row], raw[row]}
                                        : std::vector<double>(raw.begin() + static_cast<std::ptrdiff_t>(row * classes),
                                                              raw.begin() + static_cast<std::ptrdiff_t>((row + 1) * classes));
    chosen.push_back(static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin()));
    transform_scores(transform, scores);
    for (std::size_t k = 0; k < classes; ++k) z.data<float>()[row * classes + k] = static_cast<float>(scores[k]);
  }
  c.set(0, labels.pick(chosen));
  c.set(1, std::move(z));
  return Ok{};
}
extern const Op linearclassifier_op{.name = "LinearClassifier",
                                    .domain = "ai.onnx.ml",
                                    .since = 1,
                                    .inputs = "X: T1",
                                    .outputs = "Y: T2, Z: F",
                                    .attributes =
                                        "classlabels_ints: ints, classlabels_strings: strings, coefficients!: floats, intercepts: floats, "
                                        "multi_class: int = 0, post_transform: string = NONE",
                                    .types = "T1: float double int64 int32; T2: int64 string; F: float",
                                    .infer = infer,
                                    .reference = run};

}  // namespace hone
