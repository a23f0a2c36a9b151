// SPDX-License-Identifier: Apache-2.0
// Y = activation(Conv(X, W, B) + Z).
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(check_activation(c.node.text("activation"), c.node.numbers("activation_params").size()));
  TRY(Fact y, Inner(c.node, "Conv").infer({&c.in(0), &c.in(1), c.has(2) ? &c.in(2) : nullptr}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(Tensor y, Inner(c.node, "Conv").run({&c.in(0), &c.in(1), c.find(2)}));
  return finish_fused_conv(c, std::move(y));
}
extern const Op fusedconv_op{.name = "FusedConv",
                             .domain = "com.microsoft",
                             .inputs = "X: T, W: T, B?: T, Z?: T",
                             .outputs = "Y: T",
                             .attributes = fused_conv_attributes,
                             .types = "T: float16 float double",
                             .infer = infer,
                             .reference = run};

}  // namespace hone
