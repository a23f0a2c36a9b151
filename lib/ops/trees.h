// SPDX-License-Identifier: Apache-2.0
// Decision trees and score transforms of the ai.onnx.ml operators.
#pragma once
#include <optional>
#include <string>

#include "lib/ops/rule.h"

namespace hone {

struct TreeNode {
  enum class Mode : std::uint8_t { leaf, leq, lt, gte, gt, eq, neq };
  Mode mode = Mode::leaf;
  bool missing_is_true = false;  // NaN takes the true branch
  std::int64_t feature = 0;
  double value = 0;
  std::size_t yes = 0, no = 0;                           // indices of the children
  std::vector<std::pair<std::int64_t, double>> weights;  // of a leaf: (class or target, weight)
};

struct Forest {
  std::vector<TreeNode> nodes;
  std::vector<std::size_t> roots;
  std::vector<double> base_values;
  std::int64_t features = 0;  // the largest feature index used, plus 1

  // From the attributes nodes_*; leaves from <kind>_treeids, <kind>_nodeids, <kind>_ids and <kind>_weights, kind being "class" or "target".
  // Ids of leaves are below `targets`.
  static Result<Forest> read(const Node&, std::string_view kind, std::int64_t targets);
  // The leaf that x (of at least `features` elements) ends in; an error when the tree has a cycle.
  Result<const TreeNode*> walk(std::size_t root, const double* x) const;
};

// NONE, SOFTMAX, SOFTMAX_ZERO, LOGISTIC or PROBIT, in place.
Status check_transform(std::string_view);
void transform_scores(std::string_view, std::span<double> scores);
double logistic(double);

// Input 0 as rows of doubles: [n, c]; one axis is a single row.
struct Samples {
  std::vector<double> values;
  std::int64_t rows, columns;
};
Samples samples_of(const Tensor&);
// Row by row, x times the attribute `coefficients` (targets x columns) plus `intercepts`.
Result<std::vector<double>> linear_scores(const Node&, const Samples&, std::int64_t targets);
// The number of rows of input 0, by its shape.
Result<Dim> rows_of(const InferCall&);

// The labels of a classifier: integers or strings.
struct Labels {
  std::vector<std::int64_t> integers;
  std::vector<std::string> strings;
  std::size_t size() const { return strings.empty() ? integers.size() : strings.size(); }
  DType dtype() const { return strings.empty() ? DType::i64 : DType::string; }
  static Result<Labels> read(const Node&, std::string_view integers_attribute);
  Tensor pick(std::span<const std::size_t> chosen) const;
};

}  // namespace hone
