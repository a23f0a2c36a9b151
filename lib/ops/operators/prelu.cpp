// SPDX-License-Identifier: Apache-2.0
// y = x where x >= 0, else slope * x; the slope broadcasts to x.
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  TRY(const Shape both, broadcast(c.shape(0), c.shape(1)));
  const auto x = c.shape(0).concrete(), all = both.concrete();
  if (x && all && *x != *all) return invalid("slope of shape {} does not broadcast to {}", to_string(c.shape(1)), to_string(*x));
  return infer_same(c);
}

static Status run(OpCall& c) {
  return zip_elements(c, Types<float, double, Half, BFloat, std::int32_t, std::int64_t, std::uint32_t, std::uint64_t>{},
                      [](auto x, auto slope) { return x < 0 ? wrapping(x, slope, [](auto a, auto b) { return a * b; }) : x; });
}
extern const Op prelu_op{.name = "PRelu",
                         .since = 7,
                         .inputs = "X: T, slope: T",
                         .outputs = "Y: T",
                         .types = "T: floats int32 int64 uint32 uint64",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
