// SPDX-License-Identifier: Apache-2.0
// Unsqueeze of one axis, which comes as int32.
#include "lib/ops/convert.h"
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  const auto axis = c.integers(1);
  if (axis && axis->size() != 1) return invalid("axis has {} elements, expected one", axis->size());
  if (!axis) {
    c.set(0, c.dtype(0), c.shape(0).ranked ? Shape::unknown(c.shape(0).rank() + 1) : Shape());
    return Ok{};
  }
  const Tensor list = Tensor::vector<std::int64_t>(*axis);
  const Fact axes = fact_of(list);
  TRY(Fact y, Inner(c.node, "Unsqueeze").infer({&c.in(0), &axes}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor axes = Tensor::vector<std::int64_t>(c.in(1).to_ints());
  TRY(Tensor y, Inner(c.node, "Unsqueeze").run({&c.in(0), &axes}));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op ms_expanddims_op{.name = "ExpandDims",
                                 .domain = "com.microsoft",
                                 .inputs = "X: T, axis: int32",
                                 .outputs = "Y: T",
                                 .types = "T: all",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
