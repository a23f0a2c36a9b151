// SPDX-License-Identifier: Apache-2.0
// The input repeated to the shape it broadcasts to with the one given.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const auto wanted = c.content(1);
  if (!wanted) {
    const Shape &s = c.shape(1), &in = c.shape(0);
    const bool counted = in.ranked && s.ranked && s.rank() == 1 && s.dims[0].known() && s.dims[0].value <= 64;
    c.set(0, c.dtype(0), counted ? Shape::unknown(std::max(in.rank(), static_cast<std::size_t>(s.dims[0].value))) : Shape());
    return Ok{};
  }
  if (const auto integers = c.integers(1))
    for (const std::int64_t d : *integers)
      if (d < 0) return invalid("the shape has the dimension {}", d);
  TRY(Shape out, broadcast(c.shape(0), Shape(*wanted)));
  const auto content = c.content(0);
  if (content && content->size() == 1 && out.known() && out.rank() == 1 && out.dims[0].value <= 64)
    c.set_content(0, std::vector<Dim>(static_cast<std::size_t>(out.dims[0].value), content->front()));
  c.set(0, c.dtype(0), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Mover y, Mover::by_rule(c));
  Dims strides(y.dims().size(), 0);
  const Dims own = strides_of(x.dims());
  const std::size_t added = strides.size() - x.rank();
  for (std::size_t k = 0; k < x.rank(); ++k) strides[added + k] = x.dims()[k] == 1 ? 0 : own[k];
  y.copy_strided(x, 0, strides);
  return y.finish();
}
extern const Op expand_op{.name = "Expand",
                          .since = 8,
                          .inputs = "input: T, shape: int64",
                          .outputs = "output: T",
                          .types = "T: all",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
