// SPDX-License-Identifier: Apache-2.0
// The determinant of each matrix of the last two axes, by elimination with row pivoting.
#include <cmath>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  Shape y = c.shape(0);
  if (y.ranked) {
    if (y.rank() < 2 || !unify(y.dims[y.rank() - 1], y.dims[y.rank() - 2]))
      return invalid("the input has shape {}, expected square matrices", to_string(y));
    y.dims.resize(y.rank() - 2);
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static double determinant(std::vector<double> a, std::int64_t n) {
  const auto at = [&](std::int64_t i, std::int64_t j) -> double& { return a[static_cast<std::size_t>(i * n + j)]; };
  double result = 1;
  for (std::int64_t k = 0; k < n; ++k) {
    std::int64_t pivot = k;
    for (std::int64_t i = k + 1; i < n; ++i)
      if (std::abs(at(i, k)) > std::abs(at(pivot, k))) pivot = i;
    if (at(pivot, k) == 0) return 0;
    for (std::int64_t j = 0; pivot != k && j < n; ++j) std::swap(at(k, j), at(pivot, j));
    result *= pivot == k ? at(k, k) : -at(k, k);
    for (std::int64_t i = k + 1; i < n; ++i) {
      const double factor = at(i, k) / at(k, k);
      for (std::int64_t j = k; j < n; ++j) at(i, j) -= factor * at(k, j);
    }
  }
  return result;
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t n = c.in(0).dims().back();
  const ReadAs<double> x(c.in(0));
  WriteAs<double> out(*y);
  for (std::int64_t i = 0; i < y->count(); ++i) out[i] = determinant({x.data() + i * n * n, x.data() + (i + 1) * n * n}, n);
  return Ok{};
}
extern const Op det_op{
    .name = "Det", .since = 11, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer, .reference = run};

}  // namespace hone
