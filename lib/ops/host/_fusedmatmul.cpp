// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_fusedmatmul.h"

#include "lib/ops/host/_composite.h"
#include "lib/ops/matmul.h"
#include "lib/ops/wide.h"

namespace hone {

// The axis order that an operand is multiplied in. transBatch: the first axis goes behind the batch axes that follow it; trans: the
// last two axes are then swapped. A vector stays as it is.
static std::vector<std::size_t> order_of(const Node& node, std::size_t rank, bool left) {
  std::vector<std::size_t> order(rank);
  for (std::size_t i = 0; i < rank; ++i) order[i] = i;
  if (rank > 2 && node.integer(left ? "transBatchA" : "transBatchB") != 0) std::rotate(order.begin(), order.begin() + 1, order.end() - 1);
  if (rank > 1 && node.integer(left ? "transA" : "transB") != 0) std::swap(order[rank - 2], order[rank - 1]);
  return order;
}

static Shape operand(const InferCall& c, std::size_t i) {
  Shape s = c.shape(i);
  if (!s.ranked) return s;
  const auto order = order_of(c.node, s.rank(), i == 0);
  for (std::size_t k = 0; k < s.rank(); ++k) s.dims[k] = c.shape(i).dims[order[k]];
  return s;
}

Status infer_fused_matmul(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  TRY(Shape y, matmul_shape(operand(c, 0), operand(c, 1)));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

Status run_fused_matmul(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor a = permuted(c.in(0), order_of(c.node, c.in(0).rank(), true)),
               b = permuted(c.in(1), order_of(c.node, c.in(1).rank(), false));
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> left(a), right(b);
    WriteAs<A> out(*y);
    matmul(a.dims(), b.dims(), left.data(), right.data(), out.data());
    const A alpha = static_cast<A>(c.node.number("alpha", 1));
    for (std::int64_t i = 0; i < y->count(); ++i) out[i] *= alpha;
  });
}

}  // namespace hone
