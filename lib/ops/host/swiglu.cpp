// SPDX-License-Identifier: Apache-2.0
// y = a * sigmoid(alpha * a) * b, without broadcasting.
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(same_dtype(c, 0, 1));
  const Shape &a = c.shape(0), &b = c.shape(1);
  if (!a.ranked || !b.ranked) {
    c.set(0, c.dtype(0), a.ranked ? a : b);
    return Ok{};
  }
  Shape y = a;
  bool fits = a.rank() == b.rank();
  for (std::size_t i = 0; fits && i < a.rank(); ++i) {
    const auto d = unify(a.dims[i], b.dims[i]);
    fits = d.has_value();
    if (fits) y.dims[i] = *d;
  }
  if (!fits) return invalid("A has shape {} and B {}, which must be the same", to_string(a), to_string(b));
  c.set(0, c.dtype(0), std::move(y));
  return Ok{};
}

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 1);
  return zip_elements(c, Floats{}, [=](auto a, auto b) { return a / (1 + std::exp(-decltype(a)(alpha) * a)) * b; });
}
extern const Op swiglu_op{.name = "SwiGLU",
                          .since = 28,
                          .inputs = "A: T, B: T",
                          .outputs = "Y: T",
                          .attributes = "alpha: float = 1",
                          .types = "T: floats",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
