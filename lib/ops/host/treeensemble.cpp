// SPDX-License-Identifier: Apache-2.0
// For each target the sum (mean, least, largest) of the weights of the leaves that a sample ends in. Inner nodes and leaves are listed
// apart; a node compares a feature with a value, or tests whether it is one of a set.
#include <cmath>
#include <limits>

#include "lib/ops/convert.h"
#include "lib/ops/trees.h"

namespace hone {

namespace {

enum class Mode : std::uint8_t { leq, lt, gte, gt, eq, neq, member };
enum class Aggregate : std::uint8_t { average, sum, least, largest };
constexpr std::string_view transforms[] = {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"};

struct Branch {
  bool leaf;
  std::size_t to;  // an index of a node or a leaf
};
struct Split {
  Mode mode;
  bool missing_is_true;
  std::int64_t feature;
  double value;
  std::vector<double> members;
  Branch yes, no;

  bool holds(double x) const {
    if (std::isnan(x) && missing_is_true) return true;
    switch (mode) {
      case Mode::leq: return x <= value;
      case Mode::lt: return x < value;
      case Mode::gte: return x >= value;
      case Mode::gt: return x > value;
      case Mode::eq: return x == value;
      case Mode::neq: return x != value;
      case Mode::member: return !std::isnan(x) && std::ranges::binary_search(members, x);
    }
    return false;
  }
};

struct Trees {
  std::vector<Split> splits;
  std::vector<std::int64_t> roots, targets;
  std::vector<double> weights;
  std::int64_t features = 0;
};

// An attribute that must be a tensor, as numbers; empty when it is absent.
std::vector<double> numbers_of(const Node& node, std::string_view attribute) {
  const Tensor* t = node.find<Tensor>(attribute);
  return t && bits(t->dtype()) > 0 ? t->to_doubles() : std::vector<double>();
}

// The branches of every node to one side.
Result<std::vector<Branch>> read_branches(const Node& node, std::string_view side, std::size_t splits, std::size_t leaves) {
  const std::vector<std::int64_t> leaf = node.integers(format("nodes_{}leafs", side)), to = node.integers(format("nodes_{}nodeids", side));
  if (leaf.size() != splits || to.size() != splits)
    return invalid("nodes_{0}leafs and nodes_{0}nodeids need {1} values, one for each node", side, splits);
  std::vector<Branch> branches;
  for (std::size_t i = 0; i < splits; ++i) {
    const std::size_t end = leaf[i] ? leaves : splits;
    if (to[i] < 0 || static_cast<std::size_t>(to[i]) >= end)
      return invalid("node {} leads to {} {}, of which there are {}", i, leaf[i] ? "leaf" : "node", to[i], end);
    branches.push_back({leaf[i] != 0, static_cast<std::size_t>(to[i])});
  }
  return branches;
}

Status read_splits(const Node& node, Trees& trees) {
  const std::vector<double> modes = numbers_of(node, "nodes_modes"), values = numbers_of(node, "nodes_splits"),
                            members = numbers_of(node, "membership_values");
  const auto features = node.integers("nodes_featureids"), missing = node.integers("nodes_missing_value_tracks_true");
  const std::size_t n = features.size();
  if (n == 0 || modes.size() != n || values.size() != n || (!missing.empty() && missing.size() != n))
    return invalid("the nodes_* attributes must be present and of one length ({})", n);
  TRY(const std::vector<Branch> yes, read_branches(node, "true", n, trees.weights.size()));
  TRY(const std::vector<Branch> no, read_branches(node, "false", n, trees.weights.size()));
  std::size_t member = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!(modes[i] >= 0 && modes[i] <= 6)) return invalid("nodes_modes contains {}, expected 0 to 6", modes[i]);
    if (features[i] < 0 || features[i] > INT32_MAX) return invalid("nodes_featureids contains {}", features[i]);
    Split s{static_cast<Mode>(modes[i]), !missing.empty() && missing[i] != 0, features[i], values[i], {}, yes[i], no[i]};
    if (s.mode == Mode::member) {  // its set ends at a NaN
      while (member < members.size() && !std::isnan(members[member])) s.members.push_back(members[member++]);
      if (member++ >= members.size()) return invalid("membership_values has fewer sets, each ended by NaN, than there are BRANCH_MEMBER nodes");
      std::ranges::sort(s.members);
    }
    trees.features = std::max(trees.features, s.feature + 1);
    trees.splits.push_back(std::move(s));
  }
  return Ok{};
}

Result<Trees> read_trees(const Node& node, std::int64_t targets) {
  Trees trees;
  trees.roots = node.integers("tree_roots");
  trees.targets = node.integers("leaf_targetids");
  trees.weights = numbers_of(node, "leaf_weights");
  if (trees.weights.size() != trees.targets.size())
    return invalid("leaf_weights has {} values, leaf_targetids {}", trees.weights.size(), trees.targets.size());
  for (const std::int64_t t : trees.targets)
    if (t < 0 || t >= targets) return invalid("leaf_targetids contains {}, expected 0 to {}", t, targets - 1);
  CHECK_OK(read_splits(node, trees));
  for (const std::int64_t root : trees.roots)
    if (root < 0 || root >= static_cast<std::int64_t>(trees.splits.size()))
      return invalid("tree_roots contains {}, expected 0 to {}", root, trees.splits.size() - 1);
  return trees;
}

// The leaf that x ends in. A tree of one leaf is a node both of whose branches lead to it.
Result<std::size_t> leaf_of(const Trees& trees, std::int64_t root, const double* x) {
  Branch at{false, static_cast<std::size_t>(root)};
  for (std::size_t steps = 0; steps <= trees.splits.size(); ++steps) {
    if (at.leaf) return at.to;
    const Split& s = trees.splits[at.to];
    at = s.holds(x[s.feature]) ? s.yes : s.no;
  }
  return invalid("a tree has a cycle");
}

Result<std::vector<double>> score(const Trees& trees, Aggregate aggregate, std::int64_t targets, const double* x, DType dtype) {
  // A target that no leaf votes for: 0, or the end of the type's range.
  const double end = dtype == DType::f64 ? std::numeric_limits<double>::max()
                     : dtype == DType::f16 ? 65504 : static_cast<double>(std::numeric_limits<float>::max());
  const double start = aggregate == Aggregate::least ? end : aggregate == Aggregate::largest ? -end : 0;
  std::vector<double> scores(static_cast<std::size_t>(targets), start);
  for (const std::int64_t root : trees.roots) {
    TRY(const std::size_t leaf, leaf_of(trees, root, x));
    double& s = scores[static_cast<std::size_t>(trees.targets[leaf])];
    const double weight = trees.weights[leaf];
    s = aggregate == Aggregate::least ? std::min(s, weight) : aggregate == Aggregate::largest ? std::max(s, weight) : s + weight;
  }
  if (aggregate == Aggregate::average)
    for (double& s : scores) s /= static_cast<double>(trees.roots.size());
  return scores;
}

}  // namespace

static Status infer(InferCall& c) {
  TRY(const Dim rows, rows_of(c));
  const std::int64_t targets = c.node.integer("n_targets", 1), aggregate = c.node.integer("aggregate_function", 1),
                     transform = c.node.integer("post_transform");
  if (targets < 1 || targets > 1 << 20) return invalid("n_targets is {}, expected 1 or more", targets);
  if (aggregate < 0 || aggregate > 3) return invalid("aggregate_function is {}, expected 0 to 3", aggregate);
  if (transform < 0 || transform > 4) return invalid("post_transform is {}, expected 0 to 4", transform);
  c.set(0, c.dtype(0), Shape{rows, targets});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t targets = y->dims()[1];
  TRY(const Trees trees, read_trees(c.node, targets));
  const Samples x = samples_of(c.in(0));
  if (x.columns < trees.features) return invalid("the input has {} features, the trees use {}", x.columns, trees.features);
  const auto aggregate = static_cast<Aggregate>(c.node.integer("aggregate_function", 1));
  for (std::int64_t row = 0; row < x.rows; ++row) {
    TRY(std::vector<double> scores, score(trees, aggregate, targets, x.values.data() + row * x.columns, y->dtype()));
    transform_scores(transforms[c.node.integer("post_transform")], scores);
    for (std::int64_t k = 0; k < targets; ++k) store(*y, row * targets + k, scores[static_cast<std::size_t>(k)]);
  }
  return Ok{};
}
extern const Op treeensemble_op{
    .name = "TreeEnsemble",
    .domain = "ai.onnx.ml",
    .since = 5,
    .inputs = "X: T",
    .outputs = "Y: T",
    .attributes =
        "aggregate_function: int = 1, leaf_targetids!: ints, leaf_weights!: tensor, membership_values: tensor, n_targets: int = 1, "
        "nodes_falseleafs!: ints, nodes_falsenodeids!: ints, nodes_featureids!: ints, nodes_hitrates: tensor, "
        "nodes_missing_value_tracks_true: ints, nodes_modes!: tensor, nodes_splits!: tensor, nodes_trueleafs!: ints, "
        "nodes_truenodeids!: ints, post_transform: int = 0, tree_roots!: ints",
    .types = "T: float double float16",
    .infer = infer,
    .reference = run};

}  // namespace hone
