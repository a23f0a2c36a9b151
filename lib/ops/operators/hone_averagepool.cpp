// SPDX-License-Identifier: Apache-2.0
// Channels-last AveragePool; without kernel_shape the mean of the whole image. Only plans contain it.
#include "lib/ops/channels_last.h"

namespace hone {
extern const Op hone_averagepool_op{
    .name = "AveragePool", .domain = "hone", .inputs = "X: T", .outputs = "Y: T",
    .attributes = "auto_pad: string = NOTSET, ceil_mode: int = 0, count_include_pad: int = 0, kernel_shape: ints, pads: ints, strides: ints",
    .types = "T: float", .infer = infer_channels_last_pool};
}  // namespace hone
