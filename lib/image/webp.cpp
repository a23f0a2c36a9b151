// SPDX-License-Identifier: Apache-2.0
// WebP, lossy and lossless, by libwebp; of an animation the first frame.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "lib/image/formats.h"

namespace hone {

Result<Tensor> decode_webp(Bytes bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::size_t size = bytes.size();
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(data, size, &features) != VP8_STATUS_OK) return invalid("damaged WebP");
  TRY(Tensor rgb, blank_image(features.width, features.height));
  WebPIterator frame{};
  const WebPData whole{data, size};
  const std::unique_ptr<WebPDemuxer, void (*)(WebPDemuxer*)> demuxer(features.has_animation ? WebPDemux(&whole) : nullptr, WebPDemuxDelete);
  if (features.has_animation) {
    if (!demuxer || !WebPDemuxGetFrame(demuxer.get(), 1, &frame)) return invalid("damaged WebP");
    data = frame.fragment.bytes, size = frame.fragment.size;
  }
  const int stride = features.width * 3;
  std::uint8_t* first = rgb.data<std::uint8_t>();
  bool done = false;
  if (!features.has_animation) {
    done = WebPDecodeRGBInto(data, size, first, rgb.bytes().size(), stride) != nullptr;
  } else if (frame.x_offset >= 0 && frame.y_offset >= 0 && frame.x_offset + frame.width <= features.width && frame.y_offset + frame.height <= features.height) {
    const std::size_t skipped = static_cast<std::size_t>(frame.y_offset) * static_cast<std::size_t>(stride) + static_cast<std::size_t>(frame.x_offset) * 3;
    done = WebPDecodeRGBInto(data, size, first + skipped, rgb.bytes().size() - skipped, stride) != nullptr;
  }
  WebPDemuxReleaseIterator(&frame);
  if (!done) return invalid("damaged WebP");
  return rgb;
}

}  // namespace hone
