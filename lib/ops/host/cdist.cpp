// SPDX-License-Identifier: Apache-2.0
// The distance of each row of A (m, n) to each of B (k, n): euclidean, or its square.
#include <cmath>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  CHECK_OK(expect_rank(c, 0, 2, "A"));
  CHECK_OK(expect_rank(c, 1, 2, "B"));
  const std::string_view metric = c.node.text("metric", "sqeuclidean");
  if (metric != "euclidean" && metric != "sqeuclidean") return invalid("metric is '{}', expected euclidean or sqeuclidean", metric);
  Shape y = Shape::unknown(2);
  if (c.shape(0).ranked) y.dims[0] = c.shape(0).dims[0];
  if (c.shape(1).ranked) y.dims[1] = c.shape(1).dims[0];
  if (c.shape(0).ranked && c.shape(1).ranked) CHECK_OK(unify(c.shape(0).dims[1], c.shape(1).dims[1]).in("columns of A and B"));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const bool root = c.node.text("metric", "sqeuclidean") == "euclidean";
  const std::int64_t n = c.in(0).dims()[1], columns = y->dims()[1];
  const ReadAs<double> a(c.in(0)), b(c.in(1));
  WriteAs<double> out(*y);
  for (std::int64_t i = 0; i < y->count(); ++i) {
    double sum = 0;
    for (std::int64_t k = 0; k < n; ++k) {
      const double d = a[i / columns * n + k] - b[i % columns * n + k];
      sum += d * d;
    }
    out[i] = root ? std::sqrt(sum) : sum;
  }
  return Ok{};
}
extern const Op cdist_op{.name = "CDist",
                         .domain = "com.microsoft",
                         .inputs = "A: T, B: T",
                         .outputs = "C: T",
                         .attributes = "metric: string = sqeuclidean",
                         .types = "T: float double",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
