// SPDX-License-Identifier: Apache-2.0
// Y = activation(Conv(X, W, B) + Z) where X, Y and Z are (n, spatial..., c); W is as Conv has it.
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(check_activation(c.node.text("activation"), c.node.numbers("activation_params").size()));
  const Fact x{.dtype = c.dtype(0), .shape = channels_first(c.shape(0)), .constant = {}, .content = {}};
  const Fact w{.dtype = c.dtype(1), .shape = c.shape(1), .constant = {}, .content = {}};
  TRY(const Fact y, Inner(c.node, "Conv").infer({&x, &w, c.has(2) ? &c.in(2) : nullptr}));
  c.set(0, y.dtype, channels_last(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor x = channels_first(c.in(0));
  TRY(Tensor y, Inner(c.node, "Conv").run({&x, &c.in(1), c.find(2)}));
  return finish_fused_conv(c, channels_last(y));
}
extern const Op nhwcfusedconv_op{.name = "NhwcFusedConv",
                                 .domain = "com.microsoft",
                                 .inputs = "X: T, W: T, B?: T, Z?: T",
                                 .outputs = "Y: T",
                                 .attributes = fused_conv_attributes,
                                 .types = "T: float16 float double",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
