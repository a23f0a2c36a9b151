// SPDX-License-Identifier: Apache-2.0
// The tensor held by one of its attributes.
#include "lib/ops/rule.h"

namespace hone {

static Result<Tensor> held(const Node& n) {
  if (const auto* t = n.find<Tensor>("value")) return *t;
  if (const auto* i = n.find<std::int64_t>("value_int")) return Tensor::scalar<std::int64_t>(*i);
  if (const auto* f = n.find<float>("value_float")) return Tensor::scalar<float>(*f);
  if (const auto* s = n.find<std::string>("value_string")) return Tensor::strings({}, {*s});
  if (const auto* i = n.find<std::vector<std::int64_t>>("value_ints")) return Tensor::vector<std::int64_t>(*i);
  if (const auto* f = n.find<std::vector<float>>("value_floats")) return Tensor::vector<float>(*f);
  if (const auto* s = n.find<std::vector<std::string>>("value_strings")) return Tensor::strings({static_cast<std::int64_t>(s->size())}, *s);
  return invalid("it needs one of the attributes value, value_int, value_ints, value_float, value_floats, value_string, value_strings");
}

static Status infer(InferCall& c) {
  TRY(const Tensor t, held(c.node));
  c.set(0, t.dtype(), Shape::of(t.dims()));
  if (c.wants(0)) c.out(0).constant = t;
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor t, held(c.node));
  c.set(0, std::move(t));
  return Ok{};
}
extern const Op constant_op{.name = "Constant",
                            .since = 1,
                            .outputs = "output: all",
                            .attributes =
                                "value: tensor, value_int: int, value_ints: ints, value_float: float, value_floats: floats, "
                                "value_string: string, value_strings: strings",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
