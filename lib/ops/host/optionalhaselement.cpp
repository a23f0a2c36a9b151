// SPDX-License-Identifier: Apache-2.0
// Whether an optional has content; a tensor or a sequence is content, an absent input is none.
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, DType::boolean, Shape::unknown(0));
  return Ok{};
}

static Status run(OpCall& c) {
  c.make(0, DType::boolean, {}).data<bool>()[0] = c.has(0) && c.in(0).dtype() != DType::optional;
  return Ok{};
}
extern const Op optionalhaselement_op{.name = "OptionalHasElement",
                                      .since = 15,
                                      .inputs = "input?: O",
                                      .outputs = "output: B",
                                      .types = "O: all seq optional; B: bool",
                                      .infer = infer,
                                      .reference = run};

}  // namespace hone
