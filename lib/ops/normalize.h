// SPDX-License-Identifier: Apache-2.0
// Normalization to zero mean and unit variance, shared by the layer, instance and group operators.
#pragma once
#include <cmath>

#include "lib/ops/elementwise.h"
#include "lib/ops/wide.h"

namespace hone {

template <class A>
struct Moments {
  A mean, inverse;  // 1 / sqrt(variance + epsilon)
};
template <class A>
Moments<A> moments_of(const A* x, std::int64_t n, float epsilon) {
  double sum = 0, squares = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]);
  const double mean = sum / static_cast<double>(n);
  for (std::int64_t i = 0; i < n; ++i) squares += (static_cast<double>(x[i]) - mean) * (static_cast<double>(x[i]) - mean);
  return {static_cast<A>(mean), static_cast<A>(1 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(epsilon)))};
}

// Rule: inputs 1 and 2 have one element for each channel (axis 1) of input 0.
Status infer_per_channel(InferCall&);
// Rule: like input 0, which has the axis; inputs 1 and 2, where present, broadcast to it.
Status infer_trailing(InferCall&);

// y = (x - mean) * inverse * input 1 + input 2 for each of `rows` rows, the moments of a row given by f(x, n, row).
template <class F>
Status normalize_trailing(OpCall& c, Tensor& y, std::int64_t rows, F f) {
  const Dims& dims = c.in(0).dims();
  const std::int64_t n = rows ? c.in(0).count() / rows : 0;
  return dispatch_real(y.dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), scale(c.in(1)), bias(c.find(2));
    WriteAs<A> out(y);
    for (std::int64_t row = 0; row < rows; ++row) {
      const Moments<A> m = f(x.data() + row * n, n, row);
      for (std::int64_t i = row * n; i < (row + 1) * n; ++i) out[i] = (x[i] - m.mean) * m.inverse;
    }
    for (Rows r(dims, {&c.in(1).dims()}); !r.done(); r.next())
      for (std::int64_t i = 0; i < r.n; ++i) out[r.begin + i] *= scale[r.at[0] + i * r.step[0]];
    if (!bias) return;
    for (Rows r(dims, {&c.in(2).dims()}); !r.done(); r.next())
      for (std::int64_t i = 0; i < r.n; ++i) out[r.begin + i] += bias[r.at[0] + i * r.step[0]];
  });
}

}  // namespace hone
