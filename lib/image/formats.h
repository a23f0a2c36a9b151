// SPDX-License-Identifier: Apache-2.0
// The decoders of one format each. All return RGB of 8 bits, (height, width, 3).
#pragma once
#include "lib/image/image.h"

namespace hone {

Result<Tensor> decode_bmp(Bytes);
Result<Tensor> decode_jpeg(Bytes);
Result<Tensor> decode_jpeg2000(Bytes);
Result<Tensor> decode_png(Bytes);
Result<Tensor> decode_pnm(Bytes);
Result<Tensor> decode_tiff(Bytes);
Result<Tensor> decode_webp(Bytes);

// A black image; an error when it has no pixels or more than 64 million.
Result<Tensor> blank_image(std::int64_t width, std::int64_t height);

}  // namespace hone
