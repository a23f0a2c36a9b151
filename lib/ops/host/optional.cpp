// SPDX-License-Identifier: Apache-2.0
// An optional with the input as its content; without an input an empty one, whose content would have the type `type`.
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  const ValueType* declared = c.node.find<ValueType>("type");
  if (!c.has(0) && !declared) return invalid("an empty optional needs the attribute 'type'");
  c.set(0, ValueType{DType::optional, {}, std::make_shared<const ValueType>(c.has(0) ? c.type(0) : *declared)});
  return Ok{};
}

static Status run(OpCall& c) {
  c.set(0, c.has(0) ? c.in(0) : Tensor::none());
  return Ok{};
}
extern const Op optional_op{.name = "Optional",
                            .since = 15,
                            .inputs = "input?: V",
                            .outputs = "output: O",
                            .attributes = "type: type",
                            .types = "V: all seq; O: optional",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
