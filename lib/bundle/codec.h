// SPDX-License-Identifier: Apache-2.0
// How a block's bytes are stored: as they are, by zstd (as they are or as byte planes), or by our own entropy coder (docs/bundle.md, section 2). Decoding
// gives exactly the length asked for, or an error; it allocates nothing that a frame asks for. Encoding is in codec_encode.h.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace hone {

enum class Codec : std::uint8_t { raw, zstd, planes2, planes4, planes8, rans1, rans2, rans4 };
std::string_view name(Codec);
std::optional<Codec> codec_from_name(std::string_view);
std::size_t width_of(Codec);  // of the elements it rearranges; 1 for none
constexpr bool is_rans(Codec c) { return c >= Codec::rans1; }
constexpr bool is_planes(Codec c) { return c >= Codec::planes2 && c <= Codec::planes8; }

// Fills all of `plain`. Errors: untrusted.
Status decode_block(Codec, Bytes frame, std::span<std::byte> plain);

// Refuses anything but one frame that declares out.size() bytes; `prefix` is what came before it.
Status zstd_decompress(Bytes frame, std::span<std::byte> out, Bytes prefix = {});

// First bytes of all elements, then all second bytes, ...; the rest of an element at the end stays where it is.
void split_planes(Bytes in, std::size_t width, std::span<std::byte> out);
void join_planes(Bytes in, std::size_t width, std::span<std::byte> out);

}  // namespace hone
