// SPDX-License-Identifier: Apache-2.0
// JPEG 2000, in its JP2 container or bare, by OpenJPEG. Components of other depths are scaled to 8 bits, smaller ones repeated.
#include <openjpeg-2.5/openjpeg.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>

#include "lib/image/formats.h"

namespace hone {
namespace {

struct Source {
  Bytes bytes;
  std::size_t at = 0;
};
OPJ_SIZE_T read(void* to, OPJ_SIZE_T n, void* data) {
  Source& s = *static_cast<Source*>(data);
  const std::size_t count = std::min(n, s.bytes.size() - s.at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(to, s.bytes.data() + s.at, count);
  s.at += count;
  return count;
}
OPJ_OFF_T skip(OPJ_OFF_T n, void* data) {
  Source& s = *static_cast<Source*>(data);
  if (n < 0 || static_cast<std::uint64_t>(n) > s.bytes.size() - s.at) return -1;
  s.at += static_cast<std::size_t>(n);
  return n;
}
OPJ_BOOL seek(OPJ_OFF_T to, void* data) {
  Source& s = *static_cast<Source*>(data);
  if (to < 0 || static_cast<std::uint64_t>(to) > s.bytes.size()) return OPJ_FALSE;
  s.at = static_cast<std::size_t>(to);
  return OPJ_TRUE;
}

// The value of a component at a pixel of the image, in 0 to 255.
int level(const opj_image_comp_t& c, std::int64_t x, std::int64_t y) {
  const std::int64_t column = std::min<std::int64_t>(x / c.dx, c.w - 1), row = std::min<std::int64_t>(y / c.dy, c.h - 1);
  std::int64_t v = c.data[row * c.w + column];
  if (c.sgnd) v += std::int64_t{1} << (c.prec - 1);
  if (c.prec > 8) v >>= c.prec - 8;
  if (c.prec < 8) v = v * 255 / ((1 << c.prec) - 1);
  return static_cast<int>(std::clamp<std::int64_t>(v, 0, 255));
}

std::uint8_t clamped(double v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v), 0l, 255l)); }

void put_pixel(const opj_image_t& image, std::int64_t x, std::int64_t y, std::uint8_t* out) {
  const int first = level(image.comps[0], x, y);
  if (image.numcomps < 3) {
    std::fill_n(out, 3, static_cast<std::uint8_t>(first));
    return;
  }
  const int second = level(image.comps[1], x, y), third = level(image.comps[2], x, y);
  if (image.color_space != OPJ_CLRSPC_SYCC) {
    out[0] = static_cast<std::uint8_t>(first), out[1] = static_cast<std::uint8_t>(second), out[2] = static_cast<std::uint8_t>(third);
    return;
  }
  const double blue = second - 128, red = third - 128;  // ITU-R BT.601, full range
  out[0] = clamped(first + 1.402 * red);
  out[1] = clamped(first - 0.344136 * blue - 0.714136 * red);
  out[2] = clamped(first + 1.772 * blue);
}

}  // namespace

Result<Tensor> decode_jpeg2000(Bytes bytes) {
  const Error damaged = invalid("damaged JPEG 2000");
  Source source{bytes};
  const bool bare = bytes[0] == std::byte{0xff};
  const std::unique_ptr<opj_codec_t, void (*)(opj_codec_t*)> codec(opj_create_decompress(bare ? OPJ_CODEC_J2K : OPJ_CODEC_JP2), [](opj_codec_t* c) { opj_destroy_codec(c); });
  const std::unique_ptr<opj_stream_t, void (*)(opj_stream_t*)> stream(reinterpret_cast<opj_stream_t*>(opj_stream_default_create(OPJ_TRUE)), [](opj_stream_t* s) { opj_stream_destroy(s); });
  if (!codec || !stream) return damaged;
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), read);
  opj_stream_set_skip_function(stream.get(), skip);
  opj_stream_set_seek_function(stream.get(), seek);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!opj_setup_decoder(codec.get(), &parameters)) return damaged;
  opj_image_t* header = nullptr;
  const bool known = opj_read_header(stream.get(), codec.get(), &header);
  const std::unique_ptr<opj_image_t, void (*)(opj_image_t*)> image(header, [](opj_image_t* i) { opj_image_destroy(i); });
  if (!known || !image || image->x1 <= image->x0 || image->y1 <= image->y0) return damaged;
  const std::int64_t width = std::int64_t{image->x1} - image->x0, height = std::int64_t{image->y1} - image->y0;
  TRY(Tensor rgb, blank_image(width, height));
  if (image->numcomps < 1 || image->numcomps > 4) return invalid("JPEG 2000 of {} components", image->numcomps);
  if (!opj_decode(codec.get(), stream.get(), image.get()) || !opj_end_decompress(codec.get(), stream.get())) return damaged;
  for (std::uint32_t i = 0; i < image->numcomps; ++i) {
    const opj_image_comp_t& c = image->comps[i];
    if (!c.data || c.w < 1 || c.h < 1 || c.dx < 1 || c.dy < 1 || c.prec < 1 || c.prec > 31) return damaged;
  }
  std::uint8_t* out = rgb.data<std::uint8_t>();
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x, out += 3) put_pixel(*image, x, y, out);
  return rgb;
}

}  // namespace hone
