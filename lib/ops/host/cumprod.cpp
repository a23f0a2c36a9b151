// SPDX-License-Identifier: Apache-2.0
// Running products along an axis: exclusive leaves the element itself out, reverse runs from the end.
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
  return dispatch(x.dtype(), Types<float, double, Half, BFloat, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>{},
                  [&]<class T>(Type<T>) {
                    for (std::int64_t lane = 0; n > 0 && lane < x.count() / n; ++lane) {
                      const std::int64_t begin = lane / stride * stride * n + lane % stride;
                      Wide<T> product = 1;
                      for (std::int64_t i = 0; i < n; ++i) {
                        const std::int64_t at = begin + (reverse ? n - 1 - i : i) * stride;
                        const Wide<T> next = wrapping(product, static_cast<Wide<T>>(x.data<T>()[at]), [](auto a, auto b) { return a * b; });
                        y->data<T>()[at] = static_cast<T>(exclusive ? product : next);
                        product = next;
                      }
                    }
                  });
}
extern const Op cumprod_op{.name = "CumProd",
                           .since = 26,
                           .inputs = "x: T, axis: I",
                           .outputs = "y: T",
                           .attributes = "exclusive: int = 0, reverse: int = 0",
                           .types = "T: floats int32 int64 uint32 uint64; I: int32 int64",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
