// SPDX-License-Identifier: Apache-2.0
// A tensor of the shape given, every element the attribute `value` (float 0 without it).
#include "lib/ops/move.h"

namespace hone {

static Tensor value_of(const Node& node) {
  const auto* t = node.find<Tensor>("value");
  return t ? *t : Tensor::scalar<float>(0);
}

static Status infer(InferCall& c) {
  const Tensor value = value_of(c.node);
  if (value.count() != 1) return invalid("the attribute 'value' has {} elements, expected 1", value.count());
  const auto dims = c.content(0);
  if (const auto integers = c.integers(0))
    for (const std::int64_t d : *integers)
      if (d < 0) return invalid("the shape has the dimension {}", d);
  if (dims) {
    c.set(0, value.dtype(), Shape(*dims));
    return Ok{};
  }
  const Shape& s = c.shape(0);
  const bool counted = s.ranked && s.rank() == 1 && s.dims[0].known() && s.dims[0].value <= 64;
  c.set(0, value.dtype(), counted ? Shape::unknown(static_cast<std::size_t>(s.dims[0].value)) : Shape());
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover y, Mover::by_rule(c));
  y.fill(value_of(c.node), 0, 0, y.count());
  return y.finish();
}
extern const Op constantofshape_op{.name = "ConstantOfShape",
                                   .since = 9,
                                   .inputs = "input: int64",
                                   .outputs = "output: all",
                                   .attributes = "value: tensor",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
