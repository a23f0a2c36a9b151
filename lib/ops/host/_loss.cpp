// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_loss.h"

#include "lib/ops/convert.h"
#include "lib/ops/move.h"

namespace hone {

Status infer_loss(InferCall& c) {
  const std::string_view reduction = c.node.text("reduction", "mean");
  if (reduction != "none" && reduction != "sum" && reduction != "mean")
    return invalid("reduction is '{}', expected none, sum or mean", reduction);
  CHECK_OK(expect_rank(c, 2, 1, "the weights"));
  const Shape &scores = c.shape(0), &targets = c.shape(1);
  Shape loss = targets;
  if (scores.ranked) {
    if (scores.rank() < 2) return invalid("the scores have shape {}, expected (N, C, ...)", to_string(scores));
    std::vector<Dim> positions = scores.dims;
    positions.erase(positions.begin() + 1);
    if (targets.ranked && targets.rank() != positions.size())
      return invalid("the targets have shape {}, expected {}: that of the scores without the classes", to_string(targets),
                     to_string(Shape(positions)));
    for (std::size_t i = 0; targets.ranked && i < positions.size(); ++i) {
      TRY(positions[i], unify(positions[i], targets.dims[i]));
    }
    loss = Shape(std::move(positions));
    if (c.shape(2).ranked && c.shape(2).rank() == 1) CHECK_OK(unify(c.shape(2).dims[0], scores.dims[1]));
  }
  c.set(0, c.dtype(0), reduction == "none" ? std::move(loss) : Shape(std::vector<Dim>{}));
  return Ok{};
}

Status run_loss(OpCall& c, std::span<const double> log_probabilities) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::string_view reduction = c.node.text("reduction", "mean");
  const std::int64_t* ignored = c.node.find<std::int64_t>("ignore_index");
  const std::int64_t classes = c.in(0).dims()[1], inner = product(c.in(0).dims(), 2, c.in(0).rank());
  const std::vector<std::int64_t> targets = c.in(1).to_ints();
  const std::vector<double> weights = c.has(2) ? c.in(2).to_doubles() : std::vector<double>(static_cast<std::size_t>(classes), 1.0);
  double sum = 0, total_weight = 0;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(targets.size()); ++i) {
    const std::int64_t target = targets[static_cast<std::size_t>(i)];
    double loss = 0;
    if (!ignored || target != *ignored) {
      if (target < 0 || target >= classes)
        return invalid("target {} is {}, expected a class from 0 to {}{}", i, target, classes - 1, ignored ? " or ignore_index" : "");
      const double weight = weights[static_cast<std::size_t>(target)];
      loss = -log_probabilities[static_cast<std::size_t>((i / inner * classes + target) * inner + i % inner)] * weight;
      sum += loss;
      total_weight += weight;
    }
    if (reduction == "none") store(*y, i, loss);
  }
  if (reduction != "none") store(*y, 0, reduction == "sum" ? sum : sum / total_weight);
  return Ok{};
}

}  // namespace hone
