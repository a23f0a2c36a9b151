// SPDX-License-Identifier: Apache-2.0
// Convolution of 8-bit integers less their zero points, accumulated in int32.
#include "lib/ops/conv.h"
#include "lib/ops/quantize.h"

namespace hone {

static Status infer(InferCall& c) { return infer_conv(c, 0, 1, DType::i32); }

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const ConvCase conv, conv_case(c.node, c.in(0).dims(), c.in(1).dims()));
  TRY(const auto x, centered(c.in(0), c.find(2), 0));
  TRY(const auto w, centered(c.in(1), c.find(3), 0));
  std::int32_t* out = y->data<std::int32_t>();
  std::fill_n(out, y->count(), 0);
  convolve(conv, x.data(), w.data(), out);
  return Ok{};
}
extern const Op convinteger_op{
    .name = "ConvInteger",
    .since = 10,
    .inputs = "x: T1, w: T2, x_zero_point?: T1, w_zero_point?: T2",
    .outputs = "y: T3",
    .attributes = "auto_pad: string = NOTSET, dilations: ints, group: int = 1, kernel_shape: ints, pads: ints, strides: ints",
    .types = "T1: int8 uint8; T2: int8 uint8; T3: int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
