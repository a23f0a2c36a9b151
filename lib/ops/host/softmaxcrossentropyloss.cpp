// SPDX-License-Identifier: Apache-2.0
// The negative log-likelihood of LogSoftmax(scores) along axis 1; the second output is that LogSoftmax.
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/host/_loss.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(1, c.dtype(0), c.shape(0));
  return infer_loss(c);
}

static void log_softmax(std::vector<double>& x, std::int64_t outer, std::int64_t classes, std::int64_t inner) {
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      const auto at = [&](std::int64_t k) -> double& { return x[static_cast<std::size_t>((o * classes + k) * inner + i)]; };
      double most = -INFINITY, sum = 0;
      for (std::int64_t k = 0; k < classes; ++k) most = std::max(most, at(k));
      for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(at(k) - most);
      for (std::int64_t k = 0; k < classes; ++k) at(k) -= most + std::log(sum);
    }
}

static Status run(OpCall& c) {
  const Tensor& scores = c.in(0);
  CHECK_OK(outputs_by_rule(c));
  std::vector<double> x = scores.to_doubles();
  log_softmax(x, scores.dims()[0], scores.dims()[1], product(scores.dims(), 2, scores.rank()));
  if (c.wants(1)) {
    Tensor& log_probabilities = c.make(1, scores.dtype(), scores.dims());
    for (std::size_t i = 0; i < x.size(); ++i) store(log_probabilities, static_cast<std::int64_t>(i), x[i]);
  }
  return run_loss(c, x);
}
extern const Op softmaxcrossentropyloss_op{.name = "SoftmaxCrossEntropyLoss",
                                           .since = 12,
                                           .inputs = "scores: T, labels: Tind, weights?: T",
                                           .outputs = "output: T, log_prob?: T",
                                           .attributes = "ignore_index: int, reduction: string = mean",
                                           .types = "T: floats; Tind: int32 int64",
                                           .infer = infer,
                                           .reference = run};

}  // namespace hone
