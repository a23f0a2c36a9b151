// SPDX-License-Identifier: Apache-2.0
// The logarithm of the sum of exp(x) over the axes, shifted by the largest x so that nothing overflows.
#include "lib/ops/reduce.h"

namespace hone {

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& t = c.in(0);
  TRY(const Dims kept, reduced_dims(c.node, t.dims(), c.find(1)));
  const ReadAs<double> x(t);
  const auto size = static_cast<std::size_t>(y->count());
  std::vector<double> largest(size, -INFINITY), sum(size, 0);
  each_reduced(t.dims(), kept, [&](std::int64_t i, std::int64_t o) {
    double& m = largest[static_cast<std::size_t>(o)];
    m = std::max(m, x[i]);
  });
  for (double& m : largest) m = std::isfinite(m) ? m : 0;
  each_reduced(t.dims(), kept, [&](std::int64_t i, std::int64_t o) {
    sum[static_cast<std::size_t>(o)] += std::exp(x[i] - largest[static_cast<std::size_t>(o)]);
  });
  WriteAs<double> out(*y);
  for (std::size_t i = 0; i < size; ++i) out[static_cast<std::int64_t>(i)] = std::log(sum[i]) + largest[i];
  return Ok{};
}
extern const Op reducelogsumexp_op{.name = "ReduceLogSumExp",
                                   .since = 18,
                                   .inputs = "data: T, axes?: I",
                                   .outputs = "reduced: T",
                                   .attributes = reduce_attributes,
                                   .types = "T: floats int32 int64 uint32 uint64; I: int64",
                                   .infer = infer_reduce,
                                   .reference = run,
                                   .upgrade = upgrade_reduce};

}  // namespace hone
