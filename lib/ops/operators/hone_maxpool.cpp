// SPDX-License-Identifier: Apache-2.0
// Channels-last MaxPool of float or uint8. Only plans contain it.
#include "lib/ops/channels_last.h"

namespace hone {
extern const Op hone_maxpool_op{
    .name = "MaxPool", .domain = "hone", .inputs = "X: T", .outputs = "Y: T",
    .attributes = "auto_pad: string = NOTSET, ceil_mode: int = 0, kernel_shape: ints, pads: ints, strides: ints",
    .types = "T: float uint8", .infer = infer_channels_last_pool};
}  // namespace hone
