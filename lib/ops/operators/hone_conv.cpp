// SPDX-License-Identifier: Apache-2.0
// y = clamp(conv(x, w) + b + r, low, high), channels last: x (n, [h,] w, c), weight (oc, [kh,] kw, c/group). Only plans contain it.
#include "lib/ops/channels_last.h"

namespace hone {

static Status infer(InferCall& c) {
  static constexpr std::size_t vectors[] = {2};
  return infer_channels_last_conv(c, vectors);
}
extern const Op hone_conv_op{
    .name = "Conv", .domain = "hone", .inputs = "X: T, W: T, B?: T, R?: T", .outputs = "Y: T",
    .attributes = "auto_pad: string = NOTSET, dilations: ints, group: int = 1, high: float, low: float, pads: ints, strides: ints",
    .types = "T: float", .infer = infer};

}  // namespace hone
