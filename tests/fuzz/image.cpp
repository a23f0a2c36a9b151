// SPDX-License-Identifier: Apache-2.0
// An encoded image of any format: refused, or pixels.
#include <cstdlib>

#include "lib/image/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const auto image = decode_image(std::as_bytes(std::span(data, size)), 3);
  if (image && (image->rank() != 3 || image->count() == 0 || image->dims()[2] != 3)) std::abort();
  return 0;
}
