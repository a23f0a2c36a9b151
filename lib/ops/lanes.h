// SPDX-License-Identifier: Apache-2.0
// Operators along one axis (Softmax, LogSoftmax, Hardmax, LpNormalization): each lane of the axis on its own.
#pragma once
#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

// Rule: like input 0, which has the axis.
Status infer_lanes(InferCall&);
// Before opset 13 Softmax and its kin flattened the axes from `axis` (default 1) on into one lane.
Status upgrade_lanes(Graph&, Node&, int opset);

// f(x, y, n, stride): elements of one lane are x[0], x[stride], ..., x[(n-1)*stride]; y likewise.
template <class F>
Status each_lane(OpCall& c, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims& dims = y->dims();
  if (dims.empty()) return invalid("the input is a scalar, which has no axis");
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), dims.size()));
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0));
    WriteAs<A> out(*y);
    const std::int64_t n = dims[axis], stride = count_of(std::span(dims).subspan(axis + 1));
    for (std::int64_t i = 0; n > 0 && i < y->count() / n; ++i) {
      const std::int64_t begin = i / stride * stride * n + i % stride;
      f(x.data() + begin, out.data() + begin, n, stride);
    }
  });
}

}  // namespace hone
