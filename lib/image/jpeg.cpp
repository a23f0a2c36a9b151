// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg, with its own "fancy" upsampling. CMYK is mixed here: files by Adobe hold it inverted.
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>  // after cstdio, whose FILE it uses

#include "lib/image/formats.h"

namespace hone {
namespace {

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

void mix_cmyk(const std::uint8_t* cmyk, std::uint8_t* rgb, std::int64_t n, bool inverted) {
  for (std::int64_t i = 0; i < n; ++i, cmyk += 4)
    for (std::int64_t k = 0; k < 3; ++k) {
      const int ink = inverted ? cmyk[k] : 255 - cmyk[k], black = inverted ? cmyk[3] : 255 - cmyk[3];
      *rgb++ = static_cast<std::uint8_t>((ink * black + 127) / 255);
    }
}

// libjpeg leaves by longjmp on damaged input, so between setjmp and the end live only objects made before it.
bool jpeg_steps(Bytes bytes, JpegErrors& errors, jpeg_decompress_struct& info, Tensor& out, Tensor& line, Status& status) {
  if (setjmp(errors.jump) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  auto image = blank_image(info.image_width, info.image_height);
  if (!image) {
    status = std::move(image).error();
    return true;
  }
  out = std::move(image).value();
  const bool four = info.num_components == 4;
  info.out_color_space = four ? JCS_CMYK : JCS_RGB;
  info.dct_method = JDCT_ISLOW;
  info.mem->max_memory_to_use = 1L << 30;
  jpeg_start_decompress(&info);
  if (four) line = Tensor::allocate(DType::u8, {info.output_width, 4});
  while (info.output_scanline < info.output_height) {
    JSAMPROW pixels = out.data<std::uint8_t>() + static_cast<std::size_t>(info.output_scanline) * info.output_width * 3;
    JSAMPROW row = four ? line.data<std::uint8_t>() : pixels;
    jpeg_read_scanlines(&info, &row, 1);
    if (four) mix_cmyk(row, pixels, info.output_width, info.saw_Adobe_marker != 0);
  }
  jpeg_finish_decompress(&info);
  return true;
}

}  // namespace

Result<Tensor> decode_jpeg(Bytes bytes) {
  JpegErrors errors{};
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = jpeg_failed;
  errors.manager.output_message = [](j_common_ptr) {};  // warnings about slightly damaged files
  Tensor out, line;
  Status status = Ok{};
  const bool done = jpeg_steps(bytes, errors, info, out, line, status);
  jpeg_destroy_decompress(&info);
  if (!done) return invalid("damaged JPEG: {}", errors.message);
  CHECK_OK(status);
  return out;
}

}  // namespace hone
