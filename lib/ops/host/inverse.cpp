// SPDX-License-Identifier: Apache-2.0
// The inverse of each matrix, by elimination with the largest pivot of each column.
#include <cmath>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& x = c.shape(0);
  if (x.ranked && x.rank() < 2) return invalid("the input has shape {}, expected matrices", to_string(x));
  if (x.ranked) CHECK_OK(unify(x.dims.end()[-2], x.dims.back()).in("rows and columns"));
  return infer_same(c);
}

// a becomes the inverse; false when it has none.
static bool invert(std::vector<double>& a, std::int64_t n, double* inverse) {
  const auto at = [&](std::int64_t r, std::int64_t k) -> double& { return a[static_cast<std::size_t>(r * n + k)]; };
  for (std::int64_t i = 0; i < n * n; ++i) inverse[i] = i / n == i % n ? 1 : 0;
  for (std::int64_t k = 0; k < n; ++k) {
    std::int64_t pivot = k;
    for (std::int64_t r = k + 1; r < n; ++r)
      if (std::fabs(at(r, k)) > std::fabs(at(pivot, k))) pivot = r;
    if (at(pivot, k) == 0 || std::isnan(at(pivot, k))) return false;
    for (std::int64_t j = 0; j < n; ++j) {
      std::swap(at(k, j), at(pivot, j));
      std::swap(inverse[k * n + j], inverse[pivot * n + j]);
    }
    const double scale = 1 / at(k, k);
    for (std::int64_t j = 0; j < n; ++j) at(k, j) *= scale, inverse[k * n + j] *= scale;
    for (std::int64_t r = 0; r < n; ++r) {
      const double factor = r == k ? 0 : at(r, k);
      for (std::int64_t j = 0; j < n && factor != 0; ++j) at(r, j) -= factor * at(k, j), inverse[r * n + j] -= factor * inverse[k * n + j];
    }
  }
  return true;
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t n = y->dims().back(), size = n * n;
  const ReadAs<double> x(c.in(0));
  WriteAs<double> out(*y);
  for (std::int64_t i = 0; size > 0 && i < y->count() / size; ++i) {
    std::vector<double> a(x.data() + i * size, x.data() + (i + 1) * size);
    if (!invert(a, n, out.data() + i * size)) return invalid("matrix {} has no inverse", i);
  }
  return Ok{};
}
extern const Op inverse_op{.name = "Inverse",
                           .domain = "com.microsoft",
                           .inputs = "X: T",
                           .outputs = "Y: T",
                           .types = "T: float16 float double",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
