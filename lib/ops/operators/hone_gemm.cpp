// SPDX-License-Identifier: Apache-2.0
// y = clamp(alpha * a (..., m, k) * b (k, n) + bias (n), low, high); b is (n, k) with transB. Only plans contain it.
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, c.dtype(0), Shape());
  CHECK_OK(expect_rank(c, 1, 2, "B"));
  const Shape &a = c.shape(0), &b = c.shape(1);
  if (!a.ranked || !b.ranked) return Ok{};
  if (a.rank() < 2) return invalid("A has shape {}, expected a matrix", to_string(a));
  const bool transposed = c.node.integer("transB") != 0;
  if (!unify(a.dims.back(), b.dims[transposed ? 1 : 0])) return invalid("A is {} and B is {}{}", to_string(a), to_string(b), transposed ? " transposed" : "");
  Shape y = a;
  y.dims.back() = b.dims[transposed ? 0 : 1];
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}
extern const Op hone_gemm_op{
    .name = "Gemm", .domain = "hone", .inputs = "A: T, B: T, C?: T", .outputs = "Y: T",
    .attributes = "alpha: float = 1.0, high: float, low: float, transB: int = 0", .types = "T: float", .infer = infer};

}  // namespace hone
