// SPDX-License-Identifier: Apache-2.0
// JPEG (libjpeg) and PNG (libspng) to 8-bit pixels.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

// (height, width, channels), channels 1 (grey) or 3 (RGB) as asked for. Images over 64 megapixels are refused before decoding.
Result<Tensor> decode_image(Bytes, std::int64_t channels);

}  // namespace hone
