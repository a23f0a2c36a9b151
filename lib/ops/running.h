// SPDX-License-Identifier: Apache-2.0
// CumSum and CumProd: running results along the axis in input 1. exclusive leaves the element itself out, reverse runs from the end.
#pragma once
#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

Status infer_running(InferCall&);

// next = f(result so far, element), from `start`.
template <class F>
Status run_running(OpCall& c, int start, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.in(1).to_ints()[0], x.rank()));
  const bool exclusive = c.node.integer("exclusive") != 0, reverse = c.node.integer("reverse") != 0;
  const std::int64_t n = x.dims()[axis], stride = count_of(std::span(x.dims()).subspan(axis + 1));
  return dispatch_wide(x.dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> in(x);
    WriteAs<A> out(*y);
    for (std::int64_t lane = 0; n > 0 && lane < x.count() / n; ++lane) {
      const std::int64_t begin = lane / stride * stride * n + lane % stride;
      A result = static_cast<A>(start);
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t at = begin + (reverse ? n - 1 - i : i) * stride;
        const A next = f(result, in[at]);
        out[at] = exclusive ? result : next;
        result = next;
      }
    }
  });
}

}  // namespace hone
