// SPDX-License-Identifier: Apache-2.0
// The standard Trilu, from before it was one.
#include "lib/ops/convert.h"
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  TRY(Fact y, Inner(c.node, "Trilu").infer({&c.in(0), c.has(1) ? &c.in(1) : nullptr}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(Tensor y, Inner(c.node, "Trilu").run({&c.in(0), c.find(1)}));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op ms_trilu_op{.name = "Trilu",
                            .domain = "com.microsoft",
                            .inputs = "X: T, k?: int64",
                            .outputs = "Y: T",
                            .attributes = "upper: int = 1",
                            .types = "T: all",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
