// SPDX-License-Identifier: Apache-2.0
// The standard GatherND without batches; indices may be int32.
#include "lib/ops/convert.h"
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Fact y, Inner(c.node, "GatherND").infer({&c.in(0), &c.in(1)}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(const Tensor indices, convert(c.in(1), DType::i64));
  TRY(Tensor y, Inner(c.node, "GatherND").run({&c.in(0), &indices}));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op ms_gathernd_op{.name = "GatherND",
                               .domain = "com.microsoft",
                               .inputs = "data: T, indices: I",
                               .outputs = "output: T",
                               .types = "T: all; I: int32 int64",
                               .infer = infer,
                               .reference = run};

}  // namespace hone
