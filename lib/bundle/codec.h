// SPDX-License-Identifier: Apache-2.0
// How a block's bytes are stored: as they are, compressed by zstd, or split into byte planes and then compressed (docs/bundle.md,
// section 2). Decoding gives exactly the length asked for, or an error; it allocates nothing that a frame asks for.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace hone {

enum class Codec : std::uint8_t { raw, zstd, planes2, planes4, planes8 };
std::string_view name(Codec);
std::optional<Codec> codec_from_name(std::string_view);
std::string encoder_name();  // "zstd 1.5.4"

struct Frame {
  Codec codec = Codec::raw;
  std::vector<std::byte> bytes;
};
// The smallest of the codecs that suit elements of 1, 2, 4 or 8 bytes. REQUIRES: plain is not empty.
Frame encode_block(Bytes plain, int element_bytes);
std::vector<std::byte> encode_block_as(Codec, Bytes plain);
// Fills all of `plain`. Errors: untrusted.
Status decode_block(Codec, Bytes frame, std::span<std::byte> plain);

// One zstd frame, with `prefix` as what came before it. The decoder refuses anything but one frame that declares out.size() bytes.
std::vector<std::byte> zstd_compress(Bytes plain, int level, Bytes prefix = {});
Status zstd_decompress(Bytes frame, std::span<std::byte> out, Bytes prefix = {});

// First bytes of all elements, then all second bytes, ...; the rest of an element at the end stays where it is.
void split_planes(Bytes in, std::size_t width, std::span<std::byte> out);
void join_planes(Bytes in, std::size_t width, std::span<std::byte> out);

}  // namespace hone
