// SPDX-License-Identifier: Apache-2.0
// For each class the sum of the weights of the leaves a sample ends in; the label of the best class, and the scores.
#include <set>

#include "lib/ops/trees.h"

namespace hone {

static constexpr std::string_view integer_labels = "classlabels_int64s";

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  TRY(const Labels labels, Labels::read(c.node, integer_labels));
  CHECK_OK(check_transform(c.node.text("post_transform", "NONE")));
  // A single label still has two scores: against it and for it.
  c.set(0, labels.dtype(), Shape{rows});
  c.set(1, DType::f32, Shape{rows, static_cast<std::int64_t>(std::max<std::size_t>(labels.size(), 2))});
  return Ok{};
}

// Two classes of which only one has weights, with the score s: the scores are (1 - s, s) when it is a probability, else (-s, s); the
// logistic function is of the latter, PROBIT of the former. Returns the better class.
static std::size_t finish_binary(std::vector<double>& scores, double s, bool probability, std::string_view transform) {
  if (transform == "LOGISTIC") {
    scores = {logistic(-s), logistic(s)};
  } else if (transform == "PROBIT") {
    scores = {1 - s, s};
    transform_scores(transform, scores);
  } else if (probability) {
    scores = {1 - s, s};
  } else {
    scores = {-s, s};
  }
  return s > (probability || transform == "PROBIT" ? 0.5 : 0) ? 1 : 0;
}

static Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  TRY(const Labels labels, Labels::read(c.node, integer_labels));
  const std::size_t classes = std::max<std::size_t>(labels.size(), 2);
  TRY(const Forest forest, Forest::read(c.node, "class", static_cast<std::int64_t>(classes)));
  const Samples x = samples_of(c.in(0));
  if (x.columns < forest.features) return invalid("the input has {} features, the trees use {}", x.columns, forest.features);
  std::set<std::int64_t> weighted;
  bool all_positive = true;
  for (const TreeNode& n : forest.nodes)
    for (const auto& [id, weight] : n.weights) {
      weighted.insert(id);
      all_positive = all_positive && weight >= 0;
    }
  const bool binary = classes == 2 && weighted.size() == 1;
  const std::string_view transform = c.node.text("post_transform", "NONE");
  Tensor z = Tensor::allocate(DType::f32, {x.rows, static_cast<std::int64_t>(classes)});
  std::vector<std::size_t> chosen;
  for (std::int64_t row = 0; row < x.rows; ++row) {
    std::vector<double> scores(classes, 0.0);
    for (std::size_t k = 0; k < forest.base_values.size() && k < classes; ++k) scores[k] = forest.base_values[k];
    for (const std::size_t root : forest.roots) {
      TRY(const TreeNode* leaf, forest.walk(root, x.values.data() + row * x.columns));
      for (const auto& [id, weight] : leaf->weights) scores[static_cast<std::size_t>(id)] += weight;
    }
    if (binary) {
      const auto only = static_cast<std::size_t>(*weighted.begin());
      const double base = only == 1 && forest.base_values.size() == 1 ? forest.base_values[0] : 0;  // one base value is the score's
      chosen.push_back(std::min(finish_binary(scores, scores[only] + base, all_positive, transform), labels.size() - 1));
    } else {
      chosen.push_back(static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin()));
      transform_scores(transform, scores);
    }
    std::ranges::transform(scores, z.data<float>() + row * static_cast<std::int64_t>(classes),
                           [](double v) { return static_cast<float>(v); });
  }
  c.set(0, labels.pick(chosen));
  c.set(1, std::move(z));
  return Ok{};
}
extern const Op treeensembleclassifier_op{
    .name = "TreeEnsembleClassifier",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T1",
    .outputs = "Y: T2, Z: F",
    .attributes =
        "base_values: floats, base_values_as_tensor: tensor, class_ids: ints, class_nodeids: ints, class_treeids: ints, class_weights: "
        "floats, "
        "class_weights_as_tensor: tensor, classlabels_int64s: ints, classlabels_strings: strings, nodes_falsenodeids: ints, "
        "nodes_featureids: ints, nodes_hitrates: floats, nodes_hitrates_as_tensor: tensor, nodes_missing_value_tracks_true: ints, "
        "nodes_modes: strings, nodes_nodeids: ints, nodes_treeids: ints, nodes_truenodeids: ints, nodes_values: floats, "
        "nodes_values_as_tensor: tensor, post_transform: string = NONE",
    .types = "T1: float double int64 int32; T2: int64 string; F: float",
    .infer = infer,
    .reference = run};

}  // namespace hone
