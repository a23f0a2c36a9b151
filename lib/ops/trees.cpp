// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/trees.h"

#include <cmath>
#include <map>
#include <numbers>

namespace hone {
namespace {

// A list of numbers given as floats, or as a tensor (opset 3).
std::vector<double> numbers_of(const Node& node, const std::string& attribute) {
  if (const Tensor* t = node.find<Tensor>(attribute + "_as_tensor"); t && bits(t->dtype()) > 0) return t->to_doubles();
  const std::vector<float> floats = node.numbers(attribute);
  return {floats.begin(), floats.end()};
}

Result<TreeNode::Mode> mode_of(std::string_view text) {
  using Mode = TreeNode::Mode;
  static constexpr std::pair<std::string_view, Mode> modes[] = {
      {"LEAF", Mode::leaf},    {"BRANCH_LEQ", Mode::leq}, {"BRANCH_LT", Mode::lt},  {"BRANCH_GTE", Mode::gte},
      {"BRANCH_GT", Mode::gt}, {"BRANCH_EQ", Mode::eq},   {"BRANCH_NEQ", Mode::neq}};
  for (const auto& [name, mode] : modes)
    if (name == text) return mode;
  return invalid("nodes_modes contains '{}'", text);
}

using Key = std::pair<std::int64_t, std::int64_t>;  // tree, node

Status read_nodes(const Node& node, Forest& forest, std::map<Key, std::size_t>& index) {
  const auto trees = node.integers("nodes_treeids"), ids = node.integers("nodes_nodeids"), features = node.integers("nodes_featureids"),
             yes = node.integers("nodes_truenodeids"), no = node.integers("nodes_falsenodeids"),
             missing = node.integers("nodes_missing_value_tracks_true");
  const auto values = numbers_of(node, "nodes_values");
  const auto* modes = node.find<std::vector<std::string>>("nodes_modes");
  const std::size_t n = ids.size();
  if (n == 0 || trees.size() != n || features.size() != n || yes.size() != n || no.size() != n || values.size() != n || !modes ||
      modes->size() != n || (!missing.empty() && missing.size() != n))
    return invalid("the nodes_* attributes must be present and of one length ({})", n);
  for (std::size_t i = 0; i < n; ++i) {
    if (!index.emplace(Key(trees[i], ids[i]), i).second) return invalid("node {} of tree {} appears twice", ids[i], trees[i]);
    if (i == 0 || trees[i] != trees[i - 1]) forest.roots.push_back(i);
  }
  for (std::size_t i = 0; i < n; ++i) {
    TreeNode t;
    TRY(t.mode, mode_of((*modes)[i]));
    t.missing_is_true = !missing.empty() && missing[i] != 0;
    t.feature = features[i];
    t.value = values[i];
    if (t.mode != TreeNode::Mode::leaf) {
      const auto a = index.find(Key(trees[i], yes[i])), b = index.find(Key(trees[i], no[i]));
      if (a == index.end() || b == index.end()) return invalid("node {} of tree {} has a child that does not exist", ids[i], trees[i]);
      if (t.feature < 0 || t.feature > INT32_MAX) return invalid("nodes_featureids contains {}", t.feature);
      forest.features = std::max(forest.features, t.feature + 1);
      t.yes = a->second;
      t.no = b->second;
    }
    forest.nodes.push_back(std::move(t));
  }
  return Ok{};
}

bool holds(const TreeNode& n, double x) {
  using Mode = TreeNode::Mode;
  if (std::isnan(x) && n.missing_is_true) return true;
  switch (n.mode) {
    case Mode::leq: return x <= n.value;
    case Mode::lt: return x < n.value;
    case Mode::gte: return x >= n.value;
    case Mode::gt: return x > n.value;
    case Mode::eq: return x == n.value;
    case Mode::neq: return x != n.value;
    case Mode::leaf: break;
  }
  return false;
}

// sqrt(2) * inverse error function of 2p - 1, by Winitzki's approximation, which other implementations use too.
double probit(double p) {
  const double x = 2 * p - 1, log = std::log((1 - x) * (1 + x)), a = 0.147;
  const double v = 2 / (std::numbers::pi * a) + 0.5 * log;
  return std::numbers::sqrt2 * std::copysign(std::sqrt(-v + std::sqrt(v * v - log / a)), x);
}

}  // namespace

Result<Forest> Forest::read(const Node& node, std::string_view kind, std::int64_t targets) {
  Forest forest;
  std::map<Key, std::size_t> index;
  CHECK_OK(read_nodes(node, forest, index));
  forest.base_values = numbers_of(node, "base_values");
  const auto trees = node.integers(format("{}_treeids", kind)), nodes = node.integers(format("{}_nodeids", kind)),
             ids = node.integers(format("{}_ids", kind));
  const auto weights = numbers_of(node, format("{}_weights", kind));
  if (trees.size() != ids.size() || nodes.size() != ids.size() || weights.size() != ids.size())
    return invalid("the {}_* attributes must be of one length ({})", kind, ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto at = index.find(Key(trees[i], nodes[i]));
    if (at == index.end()) return invalid("{}_nodeids names node {} of tree {}, which does not exist", kind, nodes[i], trees[i]);
    if (ids[i] < 0 || ids[i] >= targets) return invalid("{}_ids contains {}, expected 0 to {}", kind, ids[i], targets - 1);
    forest.nodes[at->second].weights.emplace_back(ids[i], weights[i]);
  }
  return forest;
}

Result<const TreeNode*> Forest::walk(std::size_t root, const double* x) const {
  std::size_t at = root;
  for (std::size_t steps = 0; steps < nodes.size(); ++steps) {
    const TreeNode& n = nodes[at];
    if (n.mode == TreeNode::Mode::leaf) return &n;
    at = holds(n, x[n.feature]) ? n.yes : n.no;
  }
  return invalid("a tree has a cycle");
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

Status check_transform(std::string_view name) {
  for (const std::string_view known : {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"})
    if (name == known) return Ok{};
  return invalid("post_transform '{}' is not known", name);
}

void transform_scores(std::string_view name, std::span<double> scores) {
  if (name == "LOGISTIC")
    for (double& s : scores) s = logistic(s);
  if (name == "PROBIT")
    for (double& s : scores) s = probit(s);
  if ((name != "SOFTMAX" && name != "SOFTMAX_ZERO") || scores.empty()) return;
  const double largest = *std::ranges::max_element(scores);
  double sum = 0;
  for (double& s : scores) {
    s = name == "SOFTMAX_ZERO" && std::abs(s) <= 1e-7 ? s * std::exp(-largest) : std::exp(s - largest);
    sum += s;
  }
  for (double& s : scores) s = sum == 0 ? 0.5 : s / sum;  // only zeros: as in ONNX's reference
}

Samples samples_of(const Tensor& t) {
  const std::int64_t rows = t.rank() < 2 ? 1 : t.dims()[0];
  return {t.to_doubles(), rows, rows ? t.count() / rows : 0};
}

Result<std::vector<double>> linear_scores(const Node& node, const Samples& x, std::int64_t targets) {
  const std::vector<float> coefficients = node.numbers("coefficients"), intercepts = node.numbers("intercepts");
  if (static_cast<std::int64_t>(coefficients.size()) != targets * x.columns)
    return invalid("coefficients has {} values, expected {} ({} targets of {} features)", coefficients.size(), targets * x.columns, targets,
                   x.columns);
  if (!intercepts.empty() && static_cast<std::int64_t>(intercepts.size()) != targets)
    return invalid("intercepts has {} values, expected {}", intercepts.size(), targets);
  std::vector<double> scores;
  for (std::int64_t row = 0; row < x.rows; ++row)
    for (std::int64_t k = 0; k < targets; ++k) {
      double sum = intercepts.empty() ? 0 : static_cast<double>(intercepts[static_cast<std::size_t>(k)]);
      for (std::int64_t i = 0; i < x.columns; ++i)
        sum += x.values[static_cast<std::size_t>(row * x.columns + i)] *
               static_cast<double>(coefficients[static_cast<std::size_t>(k * x.columns + i)]);
      scores.push_back(sum);
    }
  return scores;
}

Result<Dim> rows_of(const InferCall& c) {
  const Shape& x = c.shape(0);
  if (!x.ranked) return Dim();
  if (x.rank() == 0 || x.rank() > 2) return invalid("the input has shape {}, expected samples and features", to_string(x));
  return x.rank() == 1 ? Dim(1) : x.dims[0];
}

Result<Labels> Labels::read(const Node& node, std::string_view integers_attribute) {
  Labels labels;
  labels.integers = node.integers(integers_attribute);
  if (const auto* strings = node.find<std::vector<std::string>>("classlabels_strings")) labels.strings = *strings;
  if (labels.size() == 0) return invalid("{} or classlabels_strings is missing", integers_attribute);
  if (!labels.integers.empty() && !labels.strings.empty()) return invalid("both {} and classlabels_strings are given", integers_attribute);
  return labels;
}

Tensor Labels::pick(std::span<const std::size_t> chosen) const {
  const Dims dims{static_cast<std::int64_t>(chosen.size())};
  if (!strings.empty()) {
    std::vector<std::string> picked;
    for (const std::size_t i : chosen) picked.push_back(strings[i]);
    return Tensor::strings(dims, std::move(picked));
  }
  std::vector<std::int64_t> picked;
  for (const std::size_t i : chosen) picked.push_back(integers[i]);
  return Tensor::vector<std::int64_t>(picked);
}

}  // namespace hone
