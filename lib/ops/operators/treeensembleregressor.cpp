// SPDX-License-Identifier: Apache-2.0
// For each target the sum (mean, least, largest) of the weights of the leaves a sample ends in, plus the base value.
#include "lib/ops/trees.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  const std::int64_t targets = c.node.integer("n_targets", 1);
  if (targets < 1 || targets > 1 << 20) return invalid("n_targets is {}, expected 1 or more", targets);
  CHECK_OK(check_transform(c.node.text("post_transform", "NONE")));
  c.set(0, DType::f32, Shape{rows, targets});
  return Ok{};
}

namespace {
struct Score {
  double value = 0;
  bool any = false;
};
}  // namespace

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t targets = y->dims()[1];
  TRY(const Forest forest, Forest::read(c.node, "target", targets));
  const Samples x = samples_of(c.in(0));
  if (x.columns < forest.features) return invalid("the input has {} features, the trees use {}", x.columns, forest.features);
  const std::string_view aggregate = c.node.text("aggregate_function", "SUM");
  const bool least = aggregate == "MIN", largest = aggregate == "MAX", mean = aggregate == "AVERAGE";
  if (!least && !largest && !mean && aggregate != "SUM") return invalid("aggregate_function '{}' is not known", aggregate);
  for (std::int64_t row = 0; row < x.rows; ++row) {
    std::vector<Score> scores(static_cast<std::size_t>(targets));
    for (const std::size_t root : forest.roots) {
      TRY(const TreeNode* leaf, forest.walk(root, x.values.data() + row * x.columns));
      for (const auto& [id, weight] : leaf->weights) {
        Score& s = scores[static_cast<std::size_t>(id)];
        s.value = !s.any ? weight : least ? std::min(s.value, weight) : largest ? std::max(s.value, weight) : s.value + weight;
        s.any = true;
      }
    }
    std::vector<double> out;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      const double base = forest.base_values.size() == scores.size() ? forest.base_values[k] : 0;
      out.push_back((mean ? scores[k].value / static_cast<double>(forest.roots.size()) : scores[k].value) + base);
    }
    transform_scores(c.node.text("post_transform", "NONE"), out);
    std::ranges::transform(out, y->data<float>() + row * targets, [](double v) { return static_cast<float>(v); });
  }
  return Ok{};
}
extern const Op treeensembleregressor_op{
    .name = "TreeEnsembleRegressor",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T",
    .outputs = "Y: F",
    .attributes =
        "aggregate_function: string = SUM, base_values: floats, base_values_as_tensor: tensor, n_targets: int = 1, nodes_falsenodeids: "
        "ints, "
        "nodes_featureids: ints, nodes_hitrates: floats, nodes_hitrates_as_tensor: tensor, nodes_missing_value_tracks_true: ints, "
        "nodes_modes: strings, nodes_nodeids: ints, nodes_treeids: ints, nodes_truenodeids: ints, nodes_values: floats, "
        "nodes_values_as_tensor: tensor, post_transform: string = NONE, target_ids: ints, target_nodeids: ints, target_treeids: ints, "
        "target_weights: floats, target_weights_as_tensor: tensor",
    .types = "T: float double int64 int32; F: float",
    .infer = infer,
    .reference = run};

}  // namespace hone
