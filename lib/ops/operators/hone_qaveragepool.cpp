// SPDX-License-Identifier: Apache-2.0
// hone.AveragePool over uint8 with requantization; multiplier is x_scale / y_scale. Only plans contain it.
#include <cmath>

#include "lib/ops/channels_last.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(check_quant_attributes(c.node));
  if (const float m = c.node.number("multiplier"); !std::isfinite(m) || m < 0) return invalid("multiplier is {}", m);
  return infer_channels_last_pool(c);
}
extern const Op hone_qaveragepool_op{
    .name = "QAveragePool", .domain = "hone", .inputs = "X: uint8", .outputs = "Y: uint8",
    .attributes = "auto_pad: string = NOTSET, ceil_mode: int = 0, count_include_pad: int = 0, high: int, kernel_shape: ints, low: int, "
                  "multiplier!: float, pads: ints, strides: ints, x_zero: int, y_zero: int",
    .infer = infer};

}  // namespace hone
