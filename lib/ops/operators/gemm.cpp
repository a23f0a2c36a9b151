// SPDX-License-Identifier: Apache-2.0
// Y = alpha * A' * B' + beta * C, where A' and B' may be transposed and C broadcasts to Y.
#include "lib/ops/matmul.h"
#include "lib/ops/saturate.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  CHECK_OK(expect_rank(c, 0, 2, "A"));
  CHECK_OK(expect_rank(c, 1, 2, "B"));
  const bool trans_a = c.node.integer("transA") != 0, trans_b = c.node.integer("transB") != 0;
  Shape a = c.shape(0), b = c.shape(1), y = Shape::unknown(2);
  if (trans_a && a.ranked) std::swap(a.dims[0], a.dims[1]);
  if (trans_b && b.ranked) std::swap(b.dims[0], b.dims[1]);
  if (a.ranked) y.dims[0] = a.dims[0];
  if (b.ranked) y.dims[1] = b.dims[1];
  if (a.ranked && b.ranked && !unify(a.dims[1], b.dims[0]))
    return invalid("shapes {}{} and {}{} cannot be multiplied: {} columns against {} rows", to_string(c.shape(0)),
                   trans_a ? " transposed" : "", to_string(c.shape(1)), trans_b ? " transposed" : "", a.dims[1].value, b.dims[0].value);
  if (c.has(2)) {
    CHECK_OK(same_dtype(c, 0, 2));
    TRY(const Shape all, broadcast(y, c.shape(2)));
    if (all.known() && y.known() && all != y) return invalid("C of shape {} does not broadcast to {}", to_string(c.shape(2)), to_string(y));
  }
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

// Integers know only whole factors, and negative ones by their low bits.
template <class A>
static A factor(float f) {
  return static_cast<A>(to<std::conditional_t<std::is_floating_point_v<A>, A, std::int64_t>>(f));
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const bool trans_a = c.node.integer("transA") != 0, trans_b = c.node.integer("transB") != 0;
  const Dims &ad = c.in(0).dims(), &bd = c.in(1).dims();
  const std::int64_t k = ad[trans_a ? 0 : 1];
  return dispatch_wide(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> a(c.in(0)), b(c.in(1)), bias(c.find(2));
    WriteAs<A> out(*y);
    multiply(y->dims()[0], k, y->dims()[1], Matrix<A>{a.data(), trans_a ? 1 : ad[1], trans_a ? ad[1] : 1},
             Matrix<A>{b.data(), trans_b ? 1 : bd[1], trans_b ? bd[1] : 1}, out.data());
    const A alpha = factor<A>(c.node.number("alpha", 1)), beta = factor<A>(c.node.number("beta", 1));
    if (alpha != A(1))
      for (std::int64_t i = 0; i < y->count(); ++i) out[i] *= alpha;
    if (!bias) return;
    for (Rows rows(y->dims(), {&c.in(2).dims()}); !rows.done(); rows.next())
      for (std::int64_t i = 0; i < rows.n; ++i) out[rows.begin + i] += beta * bias[rows.at[0] + i * rows.step[0]];
  });
}
extern const Op gemm_op{.name = "Gemm",
                        .since = 11,
                        .inputs = "A: T, B: T, C?: T",
                        .outputs = "Y: T",
                        .attributes = "alpha: float = 1, beta: float = 1, transA: int = 0, transB: int = 0",
                        .types = "T: floats int32 int64 uint32 uint64",
                        .infer = infer,
                        .reference = run};

}  // namespace hone
