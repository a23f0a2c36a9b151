// SPDX-License-Identifier: Apache-2.0
// Y = (X - mean) / (deviation + 1e-9), statistics over the axes (default 0, 2 and 3).
#include "lib/ops/reduce.h"

namespace hone {

static Tensor axes_of(const Node& node) { return Tensor::vector<std::int64_t>(node.integers("axes", {0, 2, 3})); }

static Status infer(InferCall& c) {
  if (c.shape(0).ranked)
    for (const std::int64_t axis : c.node.integers("axes", {0, 2, 3})) CHECK_OK(normalize_axis(axis, c.shape(0).rank()));
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& t = c.in(0);
  const Tensor axes = axes_of(c.node);
  TRY(const Dims kept, reduced_dims(c.node, t.dims(), &axes));
  const auto size = static_cast<std::size_t>(count_of(kept));
  const double n = size ? static_cast<double>(t.count()) / static_cast<double>(size) : 0;
  const ReadAs<double> x(t);
  std::vector<double> mean(size, 0), variance(size, 0);
  each_reduced(t.dims(), kept, [&](std::int64_t i, std::int64_t o) { mean[static_cast<std::size_t>(o)] += x[i] / n; });
  each_reduced(t.dims(), kept, [&](std::int64_t i, std::int64_t o) {
    const double d = x[i] - mean[static_cast<std::size_t>(o)];
    variance[static_cast<std::size_t>(o)] += d * d / n;
  });
  WriteAs<double> out(*y);
  each_reduced(t.dims(), kept, [&](std::int64_t i, std::int64_t o) {
    out[i] = (x[i] - mean[static_cast<std::size_t>(o)]) / (std::sqrt(variance[static_cast<std::size_t>(o)]) + 1e-9);
  });
  return Ok{};
}
extern const Op meanvariancenormalization_op{.name = "MeanVarianceNormalization",
                                             .since = 9,
                                             .inputs = "X: T",
                                             .outputs = "Y: T",
                                             .attributes = "axes: ints = 0 2 3",
                                             .types = "T: floats",
                                             .infer = infer,
                                             .reference = run};

}  // namespace hone
