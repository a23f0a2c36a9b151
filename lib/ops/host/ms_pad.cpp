// SPDX-License-Identifier: Apache-2.0
// The standard Pad of floats; pads may be a row, (1, 2 * rank).
#include "lib/ops/convert.h"
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  if (const auto value = c.shape(2).concrete(); value && count_of(*value) != 1)
    return invalid("value has shape {}, expected a scalar", to_string(*value));
  const auto pads = c.integers(1);
  if (!pads) {
    c.set(0, c.dtype(0), c.shape(0).ranked ? Shape::unknown(c.shape(0).rank()) : Shape());
    return Ok{};
  }
  const Tensor list = Tensor::vector<std::int64_t>(*pads);
  const Fact flat = fact_of(list);
  TRY(Fact y, Inner(c.node, "Pad").infer({&c.in(0), &flat}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor pads = c.in(1).reshaped({c.in(1).count()}), value = c.has(2) ? c.in(2).reshaped({}) : Tensor();
  TRY(Tensor y, Inner(c.node, "Pad").run({&c.in(0), &pads, c.has(2) ? &value : nullptr}));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op ms_pad_op{.name = "Pad",
                          .domain = "com.microsoft",
                          .inputs = "data: T, pads: int64, value?: T",
                          .outputs = "output: T",
                          .attributes = "mode: string = constant",
                          .types = "T: float16 float double",
                          .infer = infer,
                          .reference = run};

}  // namespace hone
