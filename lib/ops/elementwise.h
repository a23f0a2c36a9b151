// SPDX-License-Identifier: Apache-2.0
// Loops over elements: one input, two inputs with broadcasting. 16-bit floats are computed in float.
#pragma once
#include <cmath>

#include "lib/ops/dispatch.h"
#include "lib/ops/rule.h"

namespace hone {

// A walk over the rows of a broadcast result in row-major order. Within a row of `n` elements operand k begins at at[k] and advances
// by step[k] (0: one element repeated). Axes that every operand crosses evenly are merged, so equal shapes make a single row.
//   Rows rows(out, {a, b});
//   for (; !rows.done(); rows.next()) for (i < rows.n) y[rows.begin + i] = f(a[rows.at[0] + i * rows.step[0]], ...);
class Rows {
 public:
  // REQUIRES: every operand broadcasts to `out`.
  Rows(const Dims& out, std::initializer_list<const Dims*> operands);
  std::int64_t n = 1, begin = 0;
  std::vector<std::int64_t> at, step;
  bool done() const { return begin >= count_; }
  void next();

 private:
  std::int64_t count_ = 0;
  Dims outer_, index_;         // the merged axes but the last, and the position there
  std::vector<Dims> strides_;  // [operand][outer axis]
};

// y = f(x), element by element, for the element types listed.
template <class List, class F>
Status map_elements(OpCall& c, List types, F f) {
  const Tensor& x = c.in(0);
  Tensor& y = c.make(0, x.dtype(), x.dims());
  return dispatch(x.dtype(), types, [&]<class T>(Type<T>) {
    const T* in = x.data<T>();
    T* out = y.data<T>();
    for (std::int64_t i = 0; i < x.count(); ++i) out[i] = static_cast<T>(f(static_cast<Wide<T>>(in[i])));
  });
}

// y = f(x), a boolean.
template <class List, class F>
Status test_elements(OpCall& c, List types, F f) {
  const Tensor& x = c.in(0);
  Tensor& y = c.make(0, DType::boolean, x.dims());
  return dispatch(x.dtype(), types, [&]<class T>(Type<T>) {
    for (std::int64_t i = 0; i < x.count(); ++i) y.data<bool>()[i] = f(static_cast<Wide<T>>(x.data<T>()[i]));
  });
}

// y = f(a, b) with broadcasting; a and b have the same element type, y has that of Out (void: the same).
template <class Out = void, class List, class F>
Status zip_elements(const Tensor& a, const Tensor& b, Tensor& y, List types, F f) {
  return dispatch(a.dtype(), types, [&]<class T>(Type<T>) {
    using U = std::conditional_t<std::is_void_v<Out>, T, Out>;
    const T *p = a.data<T>(), *q = b.data<T>();
    U* out = y.data<U>();
    for (Rows rows(y.dims(), {&a.dims(), &b.dims()}); !rows.done(); rows.next())
      for (std::int64_t i = 0; i < rows.n; ++i)
        out[rows.begin + i] = static_cast<U>(
            f(static_cast<Wide<T>>(p[rows.at[0] + i * rows.step[0]]), static_cast<Wide<T>>(q[rows.at[1] + i * rows.step[1]])));
  });
}
template <class Out = void, class List, class F>
Status zip_elements(OpCall& c, List types, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  return zip_elements<Out>(c.in(0), c.in(1), *y, types, f);
}

// y = f(f(x0, x1), x2)... with broadcasting (Sum, Min, Max).
template <class List, class F>
Status fold_elements(OpCall& c, List types, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  return dispatch(c.in(0).dtype(), types, [&]<class T>(Type<T>) {
    T* out = y->data<T>();
    for (std::size_t k = 0; k < c.inputs(); ++k) {
      const T* in = c.in(k).data<T>();
      for (Rows rows(y->dims(), {&c.in(k).dims()}); !rows.done(); rows.next())
        for (std::int64_t i = 0; i < rows.n; ++i) {
          const T x = in[rows.at[0] + i * rows.step[0]];
          T& o = out[rows.begin + i];
          o = k == 0 ? x : static_cast<T>(f(static_cast<Wide<T>>(o), static_cast<Wide<T>>(x)));
        }
    }
  });
}

// f on integers of the same width without sign, so that overflow wraps as it does in every other implementation; on reals f itself.
template <class T, class F>
T wrapping(T a, T b, F f) {
  if constexpr (std::is_floating_point_v<T>)
    return f(a, b);
  else
    return static_cast<T>(f(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
}

// An error when an integer tensor, the divisor of Div or Mod, holds a zero.
Status check_divisor(const Tensor&);

// Rule of tests: booleans of input 0's shape.
Status infer_test(InferCall&);
// Rule of comparisons: booleans of the broadcast shape.
Status infer_comparison(InferCall&);
// Rule of integer or real arithmetic: infer_broadcast; and small integer contents (shape arithmetic) through `f`, which returns
// Dim() where it cannot tell.
Status infer_arithmetic(InferCall&, Dim (*f)(const Dim&, const Dim&));

}  // namespace hone
