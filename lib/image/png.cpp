// SPDX-License-Identifier: Apache-2.0
// PNG by libspng.
#include <spng.h>

#include <memory>

#include "lib/image/formats.h"

namespace hone {

Result<Tensor> decode_png(Bytes bytes) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> png(spng_ctx_new(0), spng_ctx_free);
  const auto failed = [](int code) { return invalid("damaged PNG: {}", spng_strerror(code)); };
  spng_set_chunk_limits(png.get(), 1 << 24, 1 << 26);
  if (const int code = spng_set_png_buffer(png.get(), bytes.data(), bytes.size())) return failed(code);
  spng_ihdr header{};
  if (const int code = spng_get_ihdr(png.get(), &header)) return failed(code);
  TRY(Tensor rgb, blank_image(header.width, header.height));
  if (const int code = spng_decode_image(png.get(), rgb.writable(), rgb.bytes().size(), SPNG_FMT_RGB8, 0)) return failed(code);
  return rgb;
}

}  // namespace hone
