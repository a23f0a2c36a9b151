// SPDX-License-Identifier: Apache-2.0
// Windows bitmaps: 1, 4 or 8 bits by a palette, plain or run-length encoded; 16, 24 or 32 bits by masks. Rows are padded to 4 bytes and
// go from the bottom up, unless the height is negative.
#include <array>
#include <bit>

#include "lib/image/formats.h"

namespace hone {
namespace {

enum Compression : std::uint32_t { plain = 0, rle8 = 1, rle4 = 2, masks = 3, alpha_masks = 6 };

struct Bmp {
  std::int64_t width = 0, height = 0;
  bool top_down = false;
  int bits = 0;
  std::uint32_t compression = plain;
  std::array<std::uint32_t, 3> mask{};
  std::vector<std::array<std::uint8_t, 3>> palette;
  Bytes pixels;
};

Error damaged(std::string_view what) { return invalid("damaged BMP: {}", what); }

Result<Bmp> read_header(Bytes bytes) {
  Reader in(bytes);
  in.take(10);
  const auto offset = in.get<std::uint32_t>(), size = in.get<std::uint32_t>();
  if (!offset || !size || *offset > bytes.size() || *size < 12) return damaged("its header is cut off");
  const bool old = *size == 12;
  const auto body = in.take(*size - 4);
  if (!body || (!old && *size < 40)) return damaged("its header is cut off");
  Reader h(*body);
  Bmp b;
  if (old) {
    b.width = *h.get<std::uint16_t>();
    b.height = *h.get<std::uint16_t>();
  } else {
    b.width = *h.get<std::int32_t>();
    b.height = *h.get<std::int32_t>();
  }
  b.top_down = b.height < 0;
  b.height = b.top_down ? -b.height : b.height;
  h.take(2);  // planes
  b.bits = *h.get<std::uint16_t>();
  std::uint32_t colors = 0;
  if (!old) {
    b.compression = *h.get<std::uint32_t>();
    h.take(12);
    colors = *h.get<std::uint32_t>();
    h.take(4);
  }
  if (b.compression == masks || b.compression == alpha_masks) {
    Reader& from = h.left() >= 12 ? h : in;  // behind the oldest header that has them, else within it
    for (std::uint32_t& m : b.mask) {
      const auto value = from.get<std::uint32_t>();
      if (!value) return damaged("its masks are cut off");
      m = *value;
    }
  } else if (b.bits == 16) {
    b.mask = {0x7c00, 0x3e0, 0x1f};
  } else {
    b.mask = {0xff0000, 0xff00, 0xff};
  }
  if (b.bits <= 8) {
    const std::uint32_t most = 1u << b.bits, entries = colors == 0 || colors > most ? most : colors;
    for (std::uint32_t i = 0; i < entries; ++i) {
      const auto entry = in.take(old ? 3 : 4);
      if (!entry) break;  // some files have fewer; such an index is black
      b.palette.push_back({std::to_integer<std::uint8_t>((*entry)[2]), std::to_integer<std::uint8_t>((*entry)[1]), std::to_integer<std::uint8_t>((*entry)[0])});
    }
  }
  b.pixels = bytes.subspan(*offset);
  return b;
}

std::array<std::uint8_t, 3> color_of(const Bmp& b, std::uint32_t pixel) {
  std::array<std::uint8_t, 3> rgb{};
  if (b.bits <= 8) return pixel < b.palette.size() ? b.palette[pixel] : rgb;
  for (std::size_t k = 0; k < 3; ++k) {
    if (b.mask[k] == 0) continue;
    const std::uint32_t most = b.mask[k] >> std::countr_zero(b.mask[k]), level = (pixel & b.mask[k]) >> std::countr_zero(b.mask[k]);
    rgb[k] = static_cast<std::uint8_t>(std::uint64_t{level} * 255 / most);
  }
  return rgb;
}

void put(const Bmp& b, Tensor& rgb, std::int64_t x, std::int64_t y, std::uint32_t pixel) {  // y counts rows of the file
  if (x < 0 || x >= b.width || y < 0 || y >= b.height) return;
  const auto color = color_of(b, pixel);
  std::copy(color.begin(), color.end(), rgb.data<std::uint8_t>() + ((b.top_down ? y : b.height - 1 - y) * b.width + x) * 3);
}

Status read_rows(const Bmp& b, Tensor& rgb) {
  const std::int64_t row = (b.width * b.bits + 31) / 32 * 4;
  if (b.pixels.size() < static_cast<std::uint64_t>(row * (b.height - 1) + (b.width * b.bits + 7) / 8)) return damaged("its pixels are cut off");
  for (std::int64_t y = 0; y < b.height; ++y)
    for (std::int64_t x = 0; x < b.width; ++x) {
      const std::byte* at = b.pixels.data() + y * row + x * b.bits / 8;
      std::uint32_t pixel = 0;
      if (b.bits >= 8)
        for (int k = 0; k < b.bits / 8; ++k) pixel |= std::to_integer<std::uint32_t>(at[k]) << (8 * k);
      else
        pixel = std::to_integer<std::uint32_t>(*at) >> (8 - b.bits - x * b.bits % 8) & ((1u << b.bits) - 1);
      put(b, rgb, x, y, pixel);
    }
  return Ok{};
}

// Pairs (count, value); count 0 is an escape: end of row, end of image, a jump, or that many values as they are.
Status read_runs(const Bmp& b, Tensor& rgb) {
  Reader in(b.pixels);
  std::int64_t x = 0, y = 0;
  const auto nibble = [](std::uint8_t byte, int i) { return i % 2 == 0 ? byte >> 4 : byte & 15; };
  while (y < b.height) {
    const auto count = in.get<std::uint8_t>(), value = in.get<std::uint8_t>();
    if (!count || !value) return damaged("its pixels are cut off");
    if (*count > 0) {
      for (int i = 0; i < *count; ++i) put(b, rgb, x++, y, b.bits == 8 ? *value : static_cast<std::uint32_t>(nibble(*value, i)));
    } else if (*value == 0) {
      x = 0, ++y;
    } else if (*value == 1) {
      break;
    } else if (*value == 2) {
      const auto right = in.get<std::uint8_t>(), up = in.get<std::uint8_t>();
      if (!right || !up) return damaged("its pixels are cut off");
      x += *right, y += *up;
    } else {
      const int bytes = b.bits == 8 ? *value : (*value + 1) / 2;
      const auto values = in.take(static_cast<std::uint64_t>((bytes + 1) / 2 * 2));
      if (!values) return damaged("its pixels are cut off");
      for (int i = 0; i < *value; ++i) {
        const auto byte = std::to_integer<std::uint8_t>((*values)[static_cast<std::size_t>(b.bits == 8 ? i : i / 2)]);
        put(b, rgb, x++, y, b.bits == 8 ? byte : static_cast<std::uint32_t>(nibble(byte, i)));
      }
    }
  }
  return Ok{};
}

}  // namespace

Result<Tensor> decode_bmp(Bytes bytes) {
  TRY(const Bmp b, read_header(bytes));
  const bool runs = (b.compression == rle8 && b.bits == 8) || (b.compression == rle4 && b.bits == 4);
  const bool direct = b.bits == 16 || b.bits == 24 || b.bits == 32, indexed = b.bits == 1 || b.bits == 4 || b.bits == 8;
  if (!runs && !(b.compression == plain && (direct || indexed)) && !((b.compression == masks || b.compression == alpha_masks) && direct))
    return invalid("BMP of {} bits with compression {} is not supported", b.bits, b.compression);
  TRY(Tensor rgb, blank_image(b.width, b.height));
  CHECK_OK(runs ? read_runs(b, rgb) : read_rows(b, rgb));
  return rgb;
}

}  // namespace hone
