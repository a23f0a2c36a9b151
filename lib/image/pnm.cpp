// SPDX-License-Identifier: Apache-2.0
// Portable images: bitmaps, grey and color maps as text (P1 to P3) or bytes (P4 to P6), and arbitrary maps (P7). Levels are scaled from
// their maximum to 255.
#include <algorithm>

#include "lib/image/formats.h"

namespace hone {
namespace {

class PnmReader {
 public:
  explicit PnmReader(Bytes bytes) : text_(as_text(bytes)) { text_.remove_prefix(2); }

  // The next number of the header, or of a text image; comments are skipped.
  Result<std::int64_t> number() {
    skip_space();
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
      value = value * 10 + (text_[digits] - '0');
      if (value > 1 << 30) return invalid("damaged PNM: a number is too large");
    }
    if (digits == 0) return invalid("damaged PNM: a number is missing");
    text_.remove_prefix(digits);
    return value;
  }
  Result<bool> bit() {  // of a text bitmap, whose digits need no space between them
    skip_space();
    if (text_.empty() || (text_[0] != '0' && text_[0] != '1')) return invalid("damaged PNM: a bit is missing");
    const bool set = text_[0] == '1';
    text_.remove_prefix(1);
    return set;
  }
  std::string_view word() {
    skip_space();
    const std::size_t n = std::min(text_.find_first_of(" \t\r\n"), text_.size());
    const std::string_view w = text_.substr(0, n);
    text_.remove_prefix(n);
    return w;
  }
  void skip_line() { text_.remove_prefix(std::min(text_.find('\n'), text_.size())); }
  // What follows the one white space after the header.
  std::string_view bytes() const { return text_.empty() ? text_ : text_.substr(1); }

 private:
  void skip_space() {
    for (;;) {
      while (!text_.empty() && (text_[0] == ' ' || (text_[0] >= '\t' && text_[0] <= '\r'))) text_.remove_prefix(1);
      if (text_.empty() || text_[0] != '#') return;
      skip_line();
    }
  }
  std::string_view text_;
};

struct Header {
  std::int64_t width = 0, height = 0, channels = 1, maximum = 1;
};

Result<Header> read_header(PnmReader& in, char kind) {
  Header h;
  if (kind != '7') {
    TRY(h.width, in.number());
    TRY(h.height, in.number());
    if (kind != '1' && kind != '4') {
      TRY(h.maximum, in.number());
    }
    h.channels = kind == '3' || kind == '6' ? 3 : 1;
  }
  while (kind == '7') {
    const std::string_view word = in.word();
    if (word == "ENDHDR") break;
    if (word == "TUPLTYPE") {
      in.skip_line();
      continue;
    }
    std::int64_t* field = word == "WIDTH" ? &h.width : word == "HEIGHT" ? &h.height : word == "DEPTH" ? &h.channels : word == "MAXVAL" ? &h.maximum : nullptr;
    if (!field) return invalid("damaged PNM: '{}' in its header", word);
    TRY(*field, in.number());
  }
  if (h.maximum < 1 || h.maximum > 65535) return invalid("damaged PNM: the largest level is {}", h.maximum);
  if (h.channels < 1 || h.channels > 4) return invalid("PNM of {} channels", h.channels);
  return h;
}

std::uint8_t scaled(std::int64_t level, std::int64_t maximum) {
  return static_cast<std::uint8_t>(std::min<std::int64_t>((level * 255 * 2 + maximum) / (2 * maximum), 255));
}

}  // namespace

Result<Tensor> decode_pnm(Bytes bytes) {
  const char kind = as_text(bytes)[1];
  PnmReader in(bytes);
  TRY(const Header h, read_header(in, kind));
  TRY(Tensor rgb, blank_image(h.width, h.height));
  const std::string_view data = in.bytes();
  const std::int64_t size = h.maximum > 255 ? 2 : 1, row = kind == '4' ? (h.width + 7) / 8 : h.width * h.channels * size;
  if (kind >= '4' && data.size() < static_cast<std::uint64_t>(row * h.height)) return invalid("damaged PNM: {} bytes of pixels, expected {}", data.size(), row * h.height);
  const auto byte = [&](std::int64_t i) { return static_cast<std::int64_t>(static_cast<unsigned char>(data[static_cast<std::size_t>(i)])); };
  std::uint8_t* out = rgb.data<std::uint8_t>();
  for (std::int64_t i = 0; i < h.width * h.height; ++i, out += 3) {
    std::uint8_t pixel[4];
    for (std::int64_t k = 0; k < h.channels; ++k) {
      if (kind == '1') {
        TRY(const bool black, in.bit());
        pixel[k] = black ? 0 : 255;
      } else if (kind == '4') {
        pixel[k] = byte(i / h.width * row + i % h.width / 8) >> (7 - i % h.width % 8) & 1 ? 0 : 255;
      } else if (kind < '4') {
        TRY(const std::int64_t level, in.number());
        pixel[k] = scaled(level, h.maximum);
      } else {
        const std::int64_t at = (i * h.channels + k) * size;
        pixel[k] = scaled(size == 2 ? byte(at) * 256 + byte(at + 1) : byte(at), h.maximum);
      }
    }
    for (std::int64_t k = 0; k < 3; ++k) out[k] = pixel[h.channels < 3 ? 0 : k];
  }
  return rgb;
}

}  // namespace hone
