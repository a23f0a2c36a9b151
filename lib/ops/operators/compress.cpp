// SPDX-License-Identifier: Apache-2.0
// The slices along an axis (or, without it, the elements) for which the condition is true.
#include "lib/ops/move.h"

namespace hone {

static std::vector<std::int64_t> chosen(const Tensor& condition) {
  std::vector<std::int64_t> at;
  for (std::int64_t i = 0; i < condition.count(); ++i)
    if (condition.data<bool>()[i]) at.push_back(i);
  return at;
}

static Status infer(InferCall& c) {
  Dim n;
  if (const Tensor* condition = c.constant(1)) n = Dim(static_cast<std::int64_t>(chosen(*condition).size()));
  Shape out{n};
  if (c.node.attributes.contains("axis")) {
    out = c.shape(0);
    if (out.ranked) {
      TRY(const std::size_t axis, normalize_axis(c.node.integer("axis"), out.rank()));
      out.dims[axis] = n;
    }
  }
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  const std::vector<std::int64_t> which = chosen(c.in(1));
  const bool flat = !c.node.attributes.contains("axis");
  std::size_t axis = 0;
  if (!flat) {
    TRY(axis, normalize_axis(c.node.integer("axis"), x.rank()));
  }
  const std::int64_t outer = flat ? 1 : product(x.dims(), 0, axis), n = flat ? x.count() : x.dims()[axis];
  const std::int64_t inner = flat ? 1 : product(x.dims(), axis + 1, x.rank());
  if (!which.empty() && which.back() >= n) return invalid("the condition has more elements than the {} it chooses from", n);
  std::int64_t to = 0;
  for (std::int64_t o = 0; o < outer; ++o)
    for (const std::int64_t i : which) {
      y.copy(x, (o * n + i) * inner, to, inner);
      to += inner;
    }
  return y.finish();
}
extern const Op compress_op{.name = "Compress",
                            .since = 9,
                            .inputs = "input: T, condition: bool",
                            .outputs = "output: T",
                            .attributes = "axis: int",
                            .types = "T: all",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
