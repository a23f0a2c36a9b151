// SPDX-License-Identifier: Apache-2.0
// The content of an optional; a tensor or a sequence is its own.
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, c.dtype(0) == DType::optional ? c.element(0) : c.type(0));
  return Ok{};
}

static Status run(OpCall& c) {
  if (c.in(0).dtype() == DType::optional) return invalid("the optional is empty: test it with OptionalHasElement first");
  c.set(0, c.in(0));
  return Ok{};
}
extern const Op optionalgetelement_op{.name = "OptionalGetElement",
                                      .since = 15,
                                      .inputs = "input: O",
                                      .outputs = "output: V",
                                      .types = "O: all seq optional; V: all seq",
                                      .infer = infer,
                                      .reference = run};

}  // namespace hone
