// SPDX-License-Identifier: Apache-2.0
// Reductions over a set of axes. Axes come as input 1 (before opset 13 or 18 as an attribute); none means all of them, or, with
// noop_with_empty_axes, that each element is reduced alone.
#pragma once
#include <limits>

#include "lib/ops/elementwise.h"
#include "lib/ops/wide.h"

namespace hone {

Status infer_reduce(InferCall&);
// Moves the attribute `axes` to input 1.
Status upgrade_reduce(Graph&, Node&, int opset);
inline constexpr std::string_view reduce_attributes = "keepdims: int = 1, noop_with_empty_axes: int = 0";

// The output's dims with the reduced axes kept as 1. `axes` may be null.
Result<Dims> reduced_dims(const Node&, const Dims& x, const Tensor* axes);

// Calls f(element index of x, element index of the output) for every element, in order. `kept` as reduced_dims says.
template <class F>
void each_reduced(const Dims& x, const Dims& kept, F f) {
  for (Rows rows(x, {&kept}); !rows.done(); rows.next())
    for (std::int64_t i = 0; i < rows.n; ++i) f(rows.begin + i, rows.at[0] + i * rows.step[0]);
}

// y = finish(acc, n) after acc = step(acc, x) from `initial` over each element; n is the number of elements reduced. Reals are
// accumulated in double, integers in int64.
template <class Step, class Finish>
Status reduce_elements(OpCall& c, int initial, Step step, Finish finish) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const Dims kept, reduced_dims(c.node, x.dims(), c.find(1)));
  const std::int64_t n = y->count() ? x.count() / y->count() : 0;
  const auto reduce = [&]<class A>(Type<A>) {
    std::vector<A> acc(static_cast<std::size_t>(y->count()), static_cast<A>(initial));
    {
      const ReadAs<A> in(x);
      each_reduced(x.dims(), kept, [&](std::int64_t i, std::int64_t o) {
        acc[static_cast<std::size_t>(o)] = step(acc[static_cast<std::size_t>(o)], in[i]);
      });
    }
    WriteAs<A> out(*y);
    for (std::int64_t i = 0; i < y->count(); ++i) out[i] = finish(acc[static_cast<std::size_t>(i)], n);
  };
  return is_float(x.dtype()) ? dispatch(DType::f64, Types<double>{}, reduce) : dispatch(DType::i64, Types<std::int64_t>{}, reduce);
}

// The largest (or smallest) element by `better`; what an empty set gives is the identity: the lowest (highest) value.
template <class F>
Status reduce_extreme(OpCall& c, bool largest, F better) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const Dims kept, reduced_dims(c.node, x.dims(), c.find(1)));
  return dispatch(x.dtype(), NumbersAndBool{}, [&]<class T>(Type<T>) {
    using W = Wide<T>;
    using Limits = std::numeric_limits<W>;
    const W least = Limits::has_infinity ? -Limits::infinity() : Limits::lowest(),
            most = Limits::has_infinity ? Limits::infinity() : Limits::max();
    T* out = y->data<T>();
    std::fill_n(out, y->count(), static_cast<T>(largest ? least : most));
    each_reduced(x.dims(), kept, [&](std::int64_t i, std::int64_t o) {
      const W v = static_cast<W>(x.data<T>()[i]);
      if (better(v, static_cast<W>(out[o])) || v != v) out[o] = x.data<T>()[i];
    });
  });
}

// ArgMax and ArgMin: the index of the best element along one axis; `better` is strict.
Status infer_arg(InferCall&);
template <class F>
Status reduce_arg(OpCall& c, F better) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& x = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), x.rank()));
  const std::int64_t n = x.dims()[axis], stride = count_of(std::span(x.dims()).subspan(axis + 1));
  const bool last = c.node.integer("select_last_index") != 0;
  if (n == 0) return invalid("the input of shape {} has no elements along the axis", to_string(x.dims()));
  return dispatch(x.dtype(), Numbers{}, [&]<class T>(Type<T>) {
    using W = Wide<T>;
    for (std::int64_t o = 0; o < y->count(); ++o) {
      const T* lane = x.data<T>() + o / stride * stride * n + o % stride;
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < n; ++i) {
        const W v = static_cast<W>(lane[i * stride]), b = static_cast<W>(lane[best * stride]);
        if (better(v, b) || (last && v == b)) best = i;
      }
      y->data<std::int64_t>()[o] = best;
    }
  });
}

}  // namespace hone
