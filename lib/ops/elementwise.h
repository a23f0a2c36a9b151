// SPDX-License-Identifier: Apache-2.0
// Loops over elements: one input, two inputs with broadcasting. 16-bit floats are computed in float.
#pragma once
#include <cmath>

#include "lib/ops/dispatch.h"
#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

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

// The loops of an operator, one for each carrier (float, double, int64, uint64: lib/ops/wide.h), null where it has none; `f` is what the
// operator computes. Elements of other types are carried: narrower floats in float, signed integers in int64, unsigned ones and
// booleans in int64 or uint64, whichever there is. Written once for all operators, so that each brings only its innermost loops.
struct MapLoops {
  using Loop = void (*)(const void* f, const void* x, void* y, std::int64_t n);
  const void* f;
  Loop loop[4];
};
struct ZipLoops {
  using Loop = void (*)(const void* f, const void* a, std::int64_t a_step, const void* b, std::int64_t b_step, void* y, std::int64_t n);
  const void* f;
  Loop loop[4];
};
// y has x's element type, or is boolean where `test`: the loops then write bools.
Status map_tensor(const Tensor& x, Tensor& y, const MapLoops&, bool test);
// a and b have one element type and broadcast to y.
Status zip_tensors(const Tensor& a, const Tensor& b, Tensor& y, const ZipLoops&, bool test);
// y = f(f(x0, x1), x2)...
Status fold_tensors(OpCall&, const ZipLoops&);

// Which carriers a list of element types needs.
template <class A, class... T>
constexpr bool needs_carrier(Types<T...>) {
  if constexpr (std::is_floating_point_v<A>) return (std::is_same_v<A, T> || ...);
  constexpr bool has_signed = ((std::is_integral_v<T> && std::is_signed_v<T>) || ...);
  if constexpr (std::is_signed_v<A>) return has_signed;
  return (std::is_same_v<T, std::uint64_t> || ...) || (!has_signed && (std::is_integral_v<T> || ...));
}

// Out: what the loops write; void: elements of the type they read.
template <class Out, class List, class F>
MapLoops map_loops(List types, const F& f) {
  const auto loop = [&]<class A>(Type<A>) -> MapLoops::Loop {
    if constexpr (!needs_carrier<A>(List{})) return nullptr;
    else
      return [](const void* op, const void* x, void* y, std::int64_t n) {
        using R = std::conditional_t<std::is_void_v<Out>, A, Out>;
        const A* in = static_cast<const A*>(x);
        R* out = static_cast<R*>(y);
        for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<R>((*static_cast<const F*>(op))(in[i]));
      };
  };
  static_cast<void>(types);
  return {&f, {loop(Type<float>{}), loop(Type<double>{}), loop(Type<std::int64_t>{}), loop(Type<std::uint64_t>{})}};
}
template <class Out, class List, class F>
ZipLoops zip_loops(List types, const F& f) {
  const auto loop = [&]<class A>(Type<A>) -> ZipLoops::Loop {
    if constexpr (!needs_carrier<A>(List{})) return nullptr;
    else
      return [](const void* op, const void* a, std::int64_t a_step, const void* b, std::int64_t b_step, void* y, std::int64_t n) {
        using R = std::conditional_t<std::is_void_v<Out>, A, Out>;
        const A *p = static_cast<const A*>(a), *q = static_cast<const A*>(b);
        R* out = static_cast<R*>(y);
        for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<R>((*static_cast<const F*>(op))(p[i * a_step], q[i * b_step]));
      };
  };
  static_cast<void>(types);
  return {&f, {loop(Type<float>{}), loop(Type<double>{}), loop(Type<std::int64_t>{}), loop(Type<std::uint64_t>{})}};
}

// y = f(x), element by element, for the element types listed.
template <class List, class F>
Status map_elements(OpCall& c, List types, F f) {
  return map_tensor(c.in(0), c.make(0, c.in(0).dtype(), c.in(0).dims()), map_loops<void>(types, f), false);
}

// y = f(x), a boolean.
template <class List, class F>
Status test_elements(OpCall& c, List types, F f) {
  return map_tensor(c.in(0), c.make(0, DType::boolean, c.in(0).dims()), map_loops<bool>(types, f), true);
}

// y = f(a, b) with broadcasting; a and b have the same element type, y has that of Out (void: the same).
template <class Out = void, class List, class F>
Status zip_elements(const Tensor& a, const Tensor& b, Tensor& y, List types, F f) {
  return zip_tensors(a, b, y, zip_loops<Out>(types, f), std::is_same_v<Out, bool>);
}
template <class Out = void, class List, class F>
Status zip_elements(OpCall& c, List types, F f) {
  TRY(Tensor* const y, make_by_rule(c));
  return zip_elements<Out>(c.in(0), c.in(1), *y, types, f);
}

// y = f(f(x0, x1), x2)... with broadcasting (Sum, Min, Max).
template <class List, class F>
Status fold_elements(OpCall& c, List types, F f) {
  return fold_tensors(c, zip_loops<void>(types, f));
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
