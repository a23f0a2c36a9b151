// SPDX-License-Identifier: Apache-2.0
// TIFF by libtiff, through callbacks over the bytes: nothing is read from files, nothing printed.
#include <tiffio.h>

#include <cstring>
#include <memory>

#include "lib/image/formats.h"

namespace hone {
namespace {

struct Source {
  Bytes bytes;
  std::uint64_t at = 0;
};
tmsize_t read(thandle_t handle, void* to, tmsize_t n) {
  Source& s = *static_cast<Source*>(handle);
  if (n <= 0 || s.at >= s.bytes.size()) return 0;
  const std::size_t count = std::min(static_cast<std::size_t>(n), s.bytes.size() - static_cast<std::size_t>(s.at));
  std::memcpy(to, s.bytes.data() + s.at, count);
  s.at += count;
  return static_cast<tmsize_t>(count);
}
tmsize_t write(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Source& s = *static_cast<Source*>(handle);
  s.at = whence == SEEK_SET ? offset : whence == SEEK_CUR ? s.at + offset : s.bytes.size() + offset;
  return s.at;
}
int close(thandle_t) { return 0; }
toff_t size(thandle_t handle) { return static_cast<Source*>(handle)->bytes.size(); }
int keep(TIFF*, void* data, const char*, const char* format, va_list arguments) {
  auto& message = *static_cast<std::string*>(data);
  char text[256];
  if (message.empty() && std::vsnprintf(text, sizeof text, format, arguments) > 0) message = text;
  return 1;  // handled
}
int ignore(TIFF*, void*, const char*, const char*, va_list) { return 1; }

}  // namespace

Result<Tensor> decode_tiff(Bytes bytes) {
  Source source{bytes};
  std::string message;
  const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(), TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), tmsize_t{1} << 29);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), keep, &message);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), ignore, nullptr);
  const std::unique_ptr<TIFF, void (*)(TIFF*)> file(TIFFClientOpenExt("image", "rm", &source, read, write, seek, close, size, nullptr, nullptr, options.get()), TIFFClose);
  if (!file) return invalid("damaged TIFF: {}", message);
  std::uint32_t width = 0, height = 0;
  TIFFGetField(file.get(), TIFFTAG_IMAGEWIDTH, &width);
  TIFFGetField(file.get(), TIFFTAG_IMAGELENGTH, &height);
  TRY(Tensor rgb, blank_image(width, height));
  std::vector<std::uint32_t> raster(static_cast<std::size_t>(width) * height);
  if (!TIFFReadRGBAImageOriented(file.get(), width, height, raster.data(), ORIENTATION_TOPLEFT, 1)) return invalid("damaged TIFF: {}", message);
  std::uint8_t* out = rgb.data<std::uint8_t>();
  for (const std::uint32_t pixel : raster) {
    *out++ = static_cast<std::uint8_t>(TIFFGetR(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetG(pixel));
    *out++ = static_cast<std::uint8_t>(TIFFGetB(pixel));
  }
  return rgb;
}

}  // namespace hone
