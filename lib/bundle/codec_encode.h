// SPDX-License-Identifier: Apache-2.0
// Encoders of the frames that codec.h decodes. Host only.
#pragma once
#include "lib/bundle/codec.h"

namespace hone {

struct Frame {
  Codec codec = Codec::raw;
  std::vector<std::byte> bytes;
};
// The smallest of the codecs that suit elements of 1, 2, 4 or 8 bytes. REQUIRES: plain is not empty.
Frame encode_block(Bytes plain, int element_bytes);
std::vector<std::byte> encode_block_as(Codec, Bytes plain);
std::string encoder_name();  // "zstd 1.5.4": what must be the same for the same bytes

// One frame, with `prefix` as what came before it.
std::vector<std::byte> zstd_compress(Bytes plain, int level, Bytes prefix = {});
// Does zstd find repetitions in these bytes, by a sample? Noise of any distribution has none; a cheap test before a dear attempt.
bool repeats(Bytes plain);

}  // namespace hone
