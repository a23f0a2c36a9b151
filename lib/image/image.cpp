// SPDX-License-Identifier: Apache-2.0
#include "lib/image/image.h"

#include <array>

#include "lib/image/formats.h"

namespace hone {
namespace {

using namespace std::string_view_literals;

struct Format {
  std::string_view start;  // of every file of the format
  Result<Tensor> (*decode)(Bytes);
};
constexpr std::array<Format, 17> formats{{{"\xff\xd8\xff", decode_jpeg},
                                          {"\x89PNG\r\n\x1a\n", decode_png},
                                          {"BM", decode_bmp},
                                          {"II*\0"sv, decode_tiff},
                                          {"MM\0*"sv, decode_tiff},
                                          {"II+\0"sv, decode_tiff},
                                          {"MM\0+"sv, decode_tiff},
                                          {"RIFF", decode_webp},
                                          {"\0\0\0\x0cjP  "sv, decode_jpeg2000},
                                          {"\xff\x4f\xff\x51", decode_jpeg2000},
                                          {"P1", decode_pnm},
                                          {"P2", decode_pnm},
                                          {"P3", decode_pnm},
                                          {"P4", decode_pnm},
                                          {"P5", decode_pnm},
                                          {"P6", decode_pnm},
                                          {"P7", decode_pnm}}};

// ITU-R BT.601 luma in 16 bits; the weights add up to 65536.
Tensor grey_of(const Tensor& rgb) {
  Tensor grey = Tensor::allocate(DType::u8, {rgb.dims()[0], rgb.dims()[1], 1});
  const std::uint8_t* in = rgb.data<std::uint8_t>();
  std::uint8_t* out = grey.data<std::uint8_t>();
  for (std::int64_t i = 0; i < grey.count(); ++i, in += 3)
    out[i] = static_cast<std::uint8_t>((19595u * in[0] + 38470u * in[1] + 7471u * in[2] + 32768u) >> 16);
  return grey;
}

}  // namespace

Result<Tensor> blank_image(std::int64_t width, std::int64_t height) {
  constexpr std::int64_t max_pixels = std::int64_t{1} << 26;
  if (width <= 0 || height <= 0 || width > max_pixels / height)
    return invalid("image of {}x{} pixels is refused (the limit is 64 megapixels)", width, height);
  return Tensor::allocate(DType::u8, {height, width, 3});
}

Result<Tensor> decode_image(Bytes bytes, std::int64_t channels) {
  assert(channels == 1 || channels == 3);
  for (const Format& f : formats) {
    if (!as_text(bytes).starts_with(f.start)) continue;
    TRY(Tensor rgb, f.decode(bytes));
    return channels == 3 ? rgb : grey_of(rgb);
  }
  return invalid("neither JPEG, JPEG 2000, PNG, TIFF, WebP, BMP nor PNM");
}

}  // namespace hone
