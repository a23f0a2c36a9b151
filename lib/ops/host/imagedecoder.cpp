// SPDX-License-Identifier: Apache-2.0
// An encoded image to (height, width, channels) bytes. As the standard has it, what cannot be decoded gives an empty image and no error.
#include <utility>

#include "lib/image/image.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(expect_rank(c, 0, 1, "encoded_stream"));
  const std::string_view format = c.node.text("pixel_format", "RGB");
  if (format != "RGB" && format != "BGR" && format != "Grayscale") return invalid("pixel_format is '{}', expected RGB, BGR or Grayscale", format);
  c.set(0, DType::u8, Shape{Dim(), Dim(), format == "Grayscale" ? 1 : 3});
  return Ok{};
}

static Status run(OpCall& c) {
  const std::string_view format = c.node.text("pixel_format", "RGB");
  const std::int64_t channels = format == "Grayscale" ? 1 : 3;
  auto image = decode_image(c.in(0).bytes(), channels);
  if (!image) {
    c.make(0, DType::u8, {0, 0, channels});
    return Ok{};
  }
  Tensor& pixels = *image;
  if (format == "BGR")
    for (std::int64_t i = 0; i < pixels.count(); i += 3) std::swap(pixels.data<std::uint8_t>()[i], pixels.data<std::uint8_t>()[i + 2]);
  c.set(0, std::move(pixels));
  return Ok{};
}
extern const Op imagedecoder_op{.name = "ImageDecoder",
                                .since = 20,
                                .inputs = "encoded_stream: T1",
                                .outputs = "image: T2",
                                .attributes = "pixel_format: string = RGB",
                                .types = "T1: uint8; T2: uint8",
                                .infer = infer,
                                .reference = run};

}  // namespace hone
