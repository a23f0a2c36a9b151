// SPDX-License-Identifier: Apache-2.0
// y = f(x + bias), where the bias, if any, has one element for each index of the last axis.
#pragma once
#include "lib/ops/elementwise.h"

namespace hone {

Status infer_biased(InferCall&);  // rule: like input 0; input 1, where present, is a vector as long as its last axis

template <class F>
Status map_biased(OpCall& c, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  return dispatch(x.dtype(), Floats{}, [&]<class T>(Type<T>) {
    const T *in = x.data<T>(), *bias = c.has(1) ? c.in(1).data<T>() : nullptr;
    const std::int64_t n = c.has(1) ? c.in(1).count() : 1;
    for (std::int64_t i = 0; i < x.count(); ++i) {
      const Wide<T> v = static_cast<Wide<T>>(in[i]);
      y->data<T>()[i] = static_cast<T>(f(bias ? v + static_cast<Wide<T>>(bias[i % n]) : v));
    }
  });
}

// x * P(N <= x), N standard normal.
template <class T>
T exact_gelu(T x) {
  return T(0.5) * x * (1 + std::erf(x * T(0.70710678118654752440)));
}

}  // namespace hone
