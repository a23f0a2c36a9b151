// SPDX-License-Identifier: Apache-2.0
// Running sums along an axis: exclusive leaves the element itself out, reverse runs from the end.
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  if (const auto axis = c.integers(1)) {
    if (axis->size() != 1) return invalid("axis has {} elements, expected 1", axis->size());
    if (c.shape(0).ranked) CHECK_OK(normalize_axis((*axis)[0], c.shape(0).rank()));
  }
  return infer_same(c);
}

static Status run(OpCall& c) {
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
      A sum = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t at = begin + (reverse ? n - 1 - i : i) * stride;
        const A next = sum + in[at];
        out[at] = exclusive ? sum : next;
        sum = next;
      }
    }
  });
}
extern const Op cumsum_op{.name = "CumSum",
                          .since = 11,
                          .inputs = "x: T, axis: I",
                          .outputs = "y: T",
                          .attributes = "exclusive: int = 0, reverse: int = 0",
                          .types = "T: floats int32 int64 uint32 uint64; I: int32 int64",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
