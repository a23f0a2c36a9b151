// SPDX-License-Identifier: Apache-2.0
// Encoded images to 8-bit pixels: JPEG, PNG, TIFF, WebP and JPEG 2000 by their libraries, BMP and PNM by readers of our own. The bytes
// are hostile: sizes are tested before anything is allocated by them.
#pragma once
#include "lib/ir/tensor.h"

namespace hone {

// (height, width, channels), channels 1 (grey) or 3 (RGB) as asked for. Images over 64 megapixels are refused before decoding.
// Transparency is dropped; of several pages or frames the first counts.
Result<Tensor> decode_image(Bytes, std::int64_t channels);

}  // namespace hone
