// SPDX-License-Identifier: Apache-2.0
// y = scale * (x - mean) / sqrt(variance + epsilon) + bias, statistics of each group of channels of each sample.
#include <cmath>
#include <cstring>

#include "lib/ops/normalize.h"

namespace hone {

static Status infer(InferCall& c) {
  const std::int64_t groups = c.node.integer("num_groups");
  if (groups < 1) return invalid("num_groups is {}, expected 1 or more", groups);
  CHECK_OK(infer_per_channel(c));
  const Shape& x = c.shape(0);
  if (x.ranked && x.dims[1].known() && x.dims[1].value % groups != 0)
    return invalid("{} channels do not divide into {} groups", x.dims[1].value, groups);
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims& dims = y->dims();
  const float epsilon = c.node.number("epsilon", 1e-5f);
  const std::int64_t groups = c.node.integer("num_groups");
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), scale(c.in(1)), bias(c.in(2));
    WriteAs<A> out(*y);
    const std::int64_t per_group = dims[1] / groups, size = count_of(std::span(dims).subspan(2));
    for (std::int64_t i = 0; i < dims[0] * groups; ++i) {
      const std::int64_t begin = i * per_group * size, first = i % groups * per_group;
      const Moments<A> m = moments_of(x.data() + begin, per_group * size, epsilon);
      for (std::int64_t p = 0; p < per_group * size; ++p)
        out[begin + p] = (x[begin + p] - m.mean) * m.inverse * scale[first + p / size] + bias[first + p / size];
    }
  });
}

// Opset 18 had one scale and bias for each group, to be repeated for its channels: now when they and the channels are known, else by
//   Reshape (Expand (Unsqueeze (scale, 1), Concat (groups, Shape <start = 1, end = 2> (x) / groups)), -1)
static Result<Value*> for_channels(Graph& g, Node& n, Value* v, std::int64_t groups) {
  const auto list = [](std::int64_t value) { return Tensor::vector<std::int64_t>(std::vector<std::int64_t>{value}); };
  const Shape& x = n.inputs[0]->shape;
  if (v->constant && x.ranked && x.rank() >= 2 && x.dims[1].known()) {
    const std::int64_t repeat = x.dims[1].value / groups;
    const Tensor& old = *v->constant;
    if (old.count() != groups) return invalid("'{}' has {} elements, expected {} (one for each group)", v->name, old.count(), groups);
    Tensor t = Tensor::allocate(old.dtype(), {groups * repeat});
    const std::size_t width = bytes_of(old.dtype(), 1);
    for (std::size_t k = 0; k < static_cast<std::size_t>(t.count()); ++k)
      std::memcpy(t.writable() + k * width, old.bytes().data() + k / static_cast<std::size_t>(repeat) * width, width);
    return g.constant(v->name + "_channels", std::move(t));
  }
  const auto step = [&](std::string_view op, std::vector<Value*> in) { return add_before(g, n, op, std::move(in), g.value(op)); };
  Node* channels = step("Shape", {n.inputs[0]});
  channels->attributes.emplace("start", std::int64_t{1});
  channels->attributes.emplace("end", std::int64_t{2});
  Value* count = g.constant("groups", list(groups));
  Node* target = step("Concat", {count, step("Div", {channels->outputs[0], count})->outputs[0]});
  target->attributes.emplace("axis", std::int64_t{0});
  Node* column = step("Unsqueeze", {v, g.constant("axes", list(1))});
  Node* wide = step("Expand", {column->outputs[0], target->outputs[0]});
  return step("Reshape", {wide->outputs[0], g.constant("flat", list(-1))})->outputs[0];
}

static Status upgrade(Graph& g, Node& n, int opset) {
  if (opset < 18) return Ok{};
  const std::int64_t groups = n.integer("num_groups");
  if (groups < 1 || !n.input(0) || !n.input(1) || !n.input(2)) return Ok{};  // the rule and the schema say what is wrong
  for (const std::size_t i : {1, 2}) {
    TRY(Value * v, for_channels(g, n, n.inputs[i], groups));
    g.set_input(&n, i, v);
  }
  return Ok{};
}
extern const Op groupnormalization_op{.name = "GroupNormalization",
                                      .since = 21,
                                      .inputs = "X: T, scale: T, bias: T",
                                      .outputs = "Y: T",
                                      .attributes = "epsilon: float = 1e-5, num_groups!: int, stash_type: int = 1",
                                      .types = "T: floats",
                                      .infer = infer,
                                      .reference = run,
                                      .upgrade = upgrade};

}  // namespace hone
