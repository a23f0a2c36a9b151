// SPDX-License-Identifier: Apache-2.0
#include "lib/data/image.h"

#include <spng.h>

#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>  // after cstdio, whose FILE it uses

namespace hone {
namespace {

constexpr std::int64_t max_pixels = std::int64_t{1} << 26;

Status check_size(std::int64_t width, std::int64_t height) {
  if (width <= 0 || height <= 0 || width > max_pixels / height) return invalid("image of {}x{} pixels is refused (the limit is 64 megapixels)", width, height);
  return Ok{};
}

struct JpegErrors {
  jpeg_error_mgr manager;  // first: libjpeg hands its address back
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};
[[noreturn]] void jpeg_failed(j_common_ptr info) {
  auto* errors = reinterpret_cast<JpegErrors*>(info->err);
  errors->manager.format_message(info, errors->message);
  std::longjmp(errors->jump, 1);
}

// libjpeg leaves by longjmp on damaged input, so between setjmp and the end live only objects made before it.
bool jpeg_steps(Bytes bytes, std::int64_t channels, JpegErrors& errors, jpeg_decompress_struct& info, Tensor& out, Status& status) {
  if (setjmp(errors.jump) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  status = check_size(info.image_width, info.image_height);
  if (!status) return true;
  info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&info);
  out = Tensor::allocate(DType::u8, {info.output_height, info.output_width, channels});
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = out.data<std::uint8_t>() + static_cast<std::size_t>(info.output_scanline) * info.output_width * static_cast<std::size_t>(channels);
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

Result<Tensor> decode_jpeg(Bytes bytes, std::int64_t channels) {
  JpegErrors errors{};
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = jpeg_failed;
  errors.manager.output_message = [](j_common_ptr) {};  // warnings about slightly damaged files
  Tensor out;
  Status status = Ok{};
  const bool done = jpeg_steps(bytes, channels, errors, info, out, status);
  jpeg_destroy_decompress(&info);
  if (!done) return invalid("damaged JPEG: {}", errors.message);
  CHECK_OK(status);
  return out;
}

Result<Tensor> decode_png(Bytes bytes, std::int64_t channels) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> png(spng_ctx_new(0), spng_ctx_free);
  const auto failed = [](int code) { return invalid("damaged PNG: {}", spng_strerror(code)); };
  spng_set_chunk_limits(png.get(), 1 << 24, 1 << 26);
  if (const int code = spng_set_png_buffer(png.get(), bytes.data(), bytes.size())) return failed(code);
  spng_ihdr header{};
  if (const int code = spng_get_ihdr(png.get(), &header)) return failed(code);
  CHECK_OK(check_size(header.width, header.height));
  Tensor rgb = Tensor::allocate(DType::u8, {header.height, header.width, 3});
  if (const int code = spng_decode_image(png.get(), rgb.writable(), rgb.bytes().size(), SPNG_FMT_RGB8, 0)) return failed(code);
  if (channels == 3) return rgb;
  Tensor grey = Tensor::allocate(DType::u8, {header.height, header.width, 1});
  const std::uint8_t* in = rgb.data<std::uint8_t>();
  std::uint8_t* out = grey.data<std::uint8_t>();
  for (std::int64_t i = 0; i < grey.count(); ++i, in += 3)  // ITU-R BT.601 luma in 16 bits, as libjpeg's grey; the weights add up to 65536
    out[i] = static_cast<std::uint8_t>((19595u * in[0] + 38470u * in[1] + 7471u * in[2] + 32768u) >> 16);
  return grey;
}

}  // namespace

Result<Tensor> decode_image(Bytes bytes, std::int64_t channels) {
  assert(channels == 1 || channels == 3);
  if (bytes.size() > 3 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8}) return decode_jpeg(bytes, channels);
  if (as_text(bytes).starts_with("\x89PNG")) return decode_png(bytes, channels);
  return invalid("neither JPEG nor PNG");
}

}  // namespace hone
