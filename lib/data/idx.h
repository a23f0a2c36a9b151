// SPDX-License-Identifier: Apache-2.0
// IDX, the format of MNIST and Fashion-MNIST: 0 0 type rank, big-endian 32-bit dims, elements. Gzip or not.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

// Bytes (type 8) only, which is what images and labels are. Sizes are tested before anything is allocated.
Result<Tensor> parse_idx(Bytes);

}  // namespace hone
