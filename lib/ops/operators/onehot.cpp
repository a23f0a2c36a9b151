// SPDX-License-Identifier: Apache-2.0
// A new axis of length depth: values[1] at the place the index names, values[0] elsewhere.
#include "lib/ops/convert.h"
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  if (!in.ranked) {
    c.set(0, c.dtype(2), {});
    return Ok{};
  }
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), in.rank() + 1));
  Dim depth;
  if (const Tensor* t = c.constant(1)) {
    if (t->count() != 1) return invalid("depth has {} elements, expected 1", t->count());
    depth = Dim(t->to_ints()[0]);
    if (!depth.known()) return invalid("depth is {}", depth.value);
  } else if (const auto content = c.content(1); content && content->size() == 1) {
    depth = content->front();
  }
  Shape out = in;
  out.dims.insert(out.dims.begin() + static_cast<std::ptrdiff_t>(axis), depth);
  c.set(0, c.dtype(2), std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Mover y, Mover::by_rule(c));
  if (c.in(2).count() != 2) return invalid("values has {} elements, expected 2 (off, on)", c.in(2).count());
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), y.dims().size()));
  const std::int64_t outer = product(y.dims(), 0, axis), depth = y.dims()[axis], inner = product(y.dims(), axis + 1, y.dims().size());
  const std::vector<std::int64_t> which = c.in(0).to_ints();
  y.fill(c.in(2), 0, 0, y.count());
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t i = 0; i < inner; ++i) {
      const auto at = normalize_index(which[static_cast<std::size_t>(o * inner + i)], depth);
      if (at) y.copy(c.in(2), 1, (o * depth + *at) * inner + i);  // an index out of range leaves a row of "off"
    }
  return y.finish();
}
// Before opset 11 a negative index was out of range:
//   y = OneHot (i, depth, v)   =>   y = OneHot (Where (Less (i, 0), Cast (depth), i), depth, v)
static Status upgrade(Graph& g, Node& n, int) {
  Value* i = n.input(0);
  const DType dtype = element_type_of(i);
  if (!i || !n.input(1) || !is_signed(dtype)) return Ok{};
  TRY(Tensor zero, convert(Tensor::scalar<std::int64_t>(0), dtype));
  Value *negative = g.value("negative"), *depth = g.value("depth_cast"), *kept = g.value("indices_kept");
  add_before(g, n, "Less", {i, g.constant("zero", std::move(zero))}, negative);
  Value* flat = g.value("depth_flat");
  add_before(g, n, "Reshape", {n.input(1), g.constant("one", Tensor::vector<std::int64_t>(std::vector<std::int64_t>{1}))}, flat);
  add_before(g, n, "Squeeze", {flat}, depth);
  Value* bound = g.value("bound");
  add_before(g, n, "Cast", {depth}, bound)->attributes.emplace("to", static_cast<std::int64_t>(dtype));
  add_before(g, n, "Where", {negative, bound, i}, kept);
  g.set_input(&n, 0, kept);
  return Ok{};
}
extern const Op onehot_op{.name = "OneHot",
                          .since = 11,
                          .inputs = "indices: T1, depth: T2, values: T3",
                          .outputs = "output: T3",
                          .attributes = "axis: int = -1",
                          .types = "T1: numeric; T2: numeric; T3: all",
                          .infer = infer,
                          .reference = run,
                          .upgrade = upgrade};

}  // namespace hone
