// SPDX-License-Identifier: Apache-2.0
// Reductions over a set of axes. Axes come as input 1 (before opset 13 or 18 as an attribute); none means all of them, or, with
// noop_with_empty_axes, that each element is reduced alone.
#pragma once
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

// The loops of a reduction for each type it accumulates in: double for reals, int64, and uint64 for unsigned integers and booleans. The
// last reads float itself, the others what the elements are carried in.
struct Reduction {
  enum class Start { zero, one, lowest, highest };  // lowest and highest: of the element type, infinite for reals
  Start start;
  // acc[i * step] = step(acc[i * step], x[i]) for i < n.
  void (*rows[4])(void* acc, std::int64_t step, const void* x, std::int64_t n);
  // acc[i] = finish(acc[i], reduced) for i < n; null when there is nothing to do.
  void (*finish[3])(void* acc, std::int64_t n, std::int64_t reduced);
};
Status reduce_tensor(OpCall&, const Reduction&);

template <class A, class X, class Step>
void reduce_row(void* acc, std::int64_t step, const void* x, std::int64_t n) {
  A* a = static_cast<A*>(acc);
  const X* in = static_cast<const X*>(x);
  if (step != 0) {
    for (std::int64_t i = 0; i < n; ++i) a[i * step] = Step{}(a[i * step], static_cast<A>(in[i]));
    return;
  }
  A all = *a;  // in a register: through memory each step would wait for the one before
  for (std::int64_t i = 0; i < n; ++i) all = Step{}(all, static_cast<A>(in[i]));
  *a = all;
}
template <class Step>
constexpr Reduction reduction_by(Reduction::Start start) {
  return {start,
          {reduce_row<double, double, Step>, reduce_row<std::int64_t, std::int64_t, Step>, reduce_row<std::uint64_t, std::uint64_t, Step>,
           reduce_row<double, float, Step>},
          {}};
}
template <class A, class Finish>
void finish_row(void* acc, std::int64_t n, std::int64_t reduced) {
  for (std::int64_t i = 0; i < n; ++i) static_cast<A*>(acc)[i] = Finish{}(static_cast<A*>(acc)[i], reduced);
}

// y = finish(acc, n) after acc = step(acc, x) over each element; n is the number of elements reduced. REQUIRES: the lambdas capture nothing.
template <class Step>
Status reduce_elements(OpCall& c, Reduction::Start start, Step) {
  return reduce_tensor(c, reduction_by<Step>(start));
}
template <class Step, class Finish>
Status reduce_elements(OpCall& c, Reduction::Start start, Step, Finish) {
  Reduction r = reduction_by<Step>(start);
  r.finish[0] = finish_row<double, Finish>;
  r.finish[1] = finish_row<std::int64_t, Finish>;
  r.finish[2] = finish_row<std::uint64_t, Finish>;
  return reduce_tensor(c, r);
}

// ArgMax and ArgMin: the index of the best element along one axis; `better` is strict and captures nothing.
Status infer_arg(InferCall&);
using ArgLoop = std::int64_t (*)(const void* x, std::int64_t n, bool last);
Status reduce_arg(OpCall&, const ArgLoop (&loops)[4]);
template <class A, class Better>
std::int64_t best_of(const void* x, std::int64_t n, bool last) {
  const A* in = static_cast<const A*>(x);
  std::int64_t best = 0;
  for (std::int64_t i = 1; i < n; ++i)
    if (Better{}(in[i], in[best]) || (last && in[i] == in[best])) best = i;
  return best;
}
template <class Better>
Status reduce_arg(OpCall& c, Better) {
  return reduce_arg(c, {best_of<double, Better>, best_of<std::int64_t, Better>, best_of<std::uint64_t, Better>, best_of<float, Better>});
}

}  // namespace hone
