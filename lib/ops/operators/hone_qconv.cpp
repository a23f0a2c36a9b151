// SPDX-License-Identifier: Apache-2.0
// hone.Conv over uint8: y = requantize(conv(x - x_zero, w) + b, multiplier) as lib/kernels/params.h says. Only plans contain it.
#include "lib/ops/channels_last.h"

namespace hone {

static Status infer(InferCall& c) {
  static constexpr std::size_t vectors[] = {2, 3};
  CHECK_OK(check_quant_attributes(c.node));
  return infer_channels_last_conv(c, vectors);
}
extern const Op hone_qconv_op{
    .name = "QConv", .domain = "hone", .inputs = "X: uint8, W: int8, M: float, B?: int32", .outputs = "Y: uint8",
    .attributes = "auto_pad: string = NOTSET, dilations: ints, group: int = 1, high: int, low: int, pads: ints, strides: ints, "
                  "x_zero: int, y_zero: int",
    .infer = infer};

}  // namespace hone
