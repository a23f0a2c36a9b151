// SPDX-License-Identifier: Apache-2.0
// The standard QLinearConv with the attribute channels_last: x and y are then (n, spatial..., c), w is as ever.
#include "lib/ops/host/_composite.h"

namespace hone {

static Status infer(InferCall& c) {
  const bool last = c.node.integer("channels_last") != 0;
  std::vector<const Fact*> in(c.inputs());
  for (std::size_t i = 0; i < c.inputs(); ++i) in[i] = c.has(i) ? &c.in(i) : nullptr;
  const Fact x{.dtype = c.dtype(0), .shape = last ? channels_first(c.shape(0)) : c.shape(0), .constant = {}, .content = {}};
  in[0] = &x;
  TRY(const Fact y, Inner(c.node, "QLinearConv").infer(in));
  c.set(0, y.dtype, last ? channels_last(y.shape) : y.shape);
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const bool last = c.node.integer("channels_last") != 0;
  const Tensor x = last ? channels_first(c.in(0)) : c.in(0);
  std::vector<const Tensor*> in{&x};
  for (std::size_t i = 1; i < c.inputs(); ++i) in.push_back(c.find(i));
  TRY(const Tensor y, Inner(c.node, "QLinearConv").run(in));
  c.set(0, last ? channels_last(y) : y);
  return Ok{};
}
extern const Op ms_qlinearconv_op{
    .name = "QLinearConv",
    .domain = "com.microsoft",
    .inputs = "x: T1, x_scale: F, x_zero_point: T1, w: T2, w_scale: F, w_zero_point: T2, y_scale: F, y_zero_point: T3, B?: T4",
    .outputs = "y: T3",
    .attributes =
        "auto_pad: string = NOTSET, channels_last: int = 0, dilations: ints, group: int = 1, kernel_shape: ints, pads: ints, strides: ints",
    .types = "T1: int8 uint8; T2: int8 uint8; T3: int8 uint8; T4: int32; F: float",
    .infer = infer,
    .reference = run};

}  // namespace hone
