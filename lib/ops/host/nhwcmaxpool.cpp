// SPDX-License-Identifier: Apache-2.0
// MaxPool over 8-bit images of layout (n, spatial..., c).
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  const Fact x{.dtype = c.dtype(0), .shape = channels_first(c.shape(0)), .constant = {}, .content = {}};
  TRY(const Fact y, Inner(c.node, "MaxPool").infer({&x}));
  c.set(0, y.dtype, channels_last(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Tensor x = channels_first(c.in(0));
  TRY(const Tensor y, Inner(c.node, "MaxPool").run({&x}));
  c.set(0, channels_last(y));
  return Ok{};
}
extern const Op nhwcmaxpool_op{
    .name = "NhwcMaxPool",
    .domain = "com.microsoft",
    .inputs = "x: T",
    .outputs = "y: T",
    .attributes = "auto_pad: string = NOTSET, ceil_mode: int = 0, dilations: ints, kernel_shape!: ints, pads: ints, strides: ints",
    .types = "T: int8 uint8 float float16",
    .infer = infer,
    .reference = run};

}  // namespace hone
