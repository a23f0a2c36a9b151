// SPDX-License-Identifier: Apache-2.0
// Pooling over windows and over whole planes, shared by the pool operators. Input (n, c, spatial...), output likewise.
#pragma once
#include "lib/ops/wide.h"
#include "lib/ops/window.h"

namespace hone {

// Rules: output 0 (and 1, int64, for MaxPool's indices) by the node's window; by global pooling.
Status infer_pool(InferCall&);
Status infer_global_pool(InferCall&);

// The taps of one output position: offsets within an input plane, and how many positions the window has inside the padded input.
struct Taps {
  std::vector<std::int64_t> offsets;
  std::int64_t padded = 0;
};
Taps taps_of(const Window3&, std::int64_t position);
// REQUIRES: infer_pool accepts the node with these dims.
Result<Window3> pool_window(const Node&, const Dims& x);

// y[plane][position] = f(taps, plane of x), for each output position and plane; in float or double.
template <class F>
Status pool_elements(OpCall& c, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const Window3 window, pool_window(c.node, x.dims()));
  return dispatch_real(x.dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> in(x);
    WriteAs<A> out(*y);
    const std::int64_t planes = x.dims()[0] * x.dims()[1], in_size = window.in_size(), out_size = window.out_size();
    for (std::int64_t position = 0; position < out_size; ++position) {
      const Taps taps = taps_of(window, position);
      for (std::int64_t plane = 0; plane < planes; ++plane) out[plane * out_size + position] = f(taps, in.data() + plane * in_size);
    }
  });
}

// y[plane] = f(plane of x, size).
template <class F>
Status pool_planes(OpCall& c, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  return dispatch_real(x.dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> in(x);
    WriteAs<A> out(*y);
    const std::int64_t planes = y->count(), size = planes ? x.count() / planes : 0;
    for (std::int64_t plane = 0; plane < planes; ++plane) out[plane] = f(in.data() + plane * size, size);
  });
}

}  // namespace hone
