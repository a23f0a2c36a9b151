// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/codec.h"

#include <zstd.h>

#include <array>
#include <cassert>
#include <memory>

#include "lib/bundle/rans.h"

namespace hone {
namespace {

constexpr std::array<std::string_view, 8> codec_names{"raw", "zstd", "planes2", "planes4", "planes8", "rans1", "rans2", "rans4"};

// A context costs more to make than a small block to decode.
ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  return context.get();
}

}  // namespace

std::string_view name(Codec codec) { return codec_names[static_cast<std::size_t>(codec)]; }

std::optional<Codec> codec_from_name(std::string_view text) {
  for (std::size_t i = 0; i < codec_names.size(); ++i)
    if (codec_names[i] == text) return static_cast<Codec>(i);
  return std::nullopt;
}

std::size_t width_of(Codec codec) {
  switch (codec) {
    case Codec::planes2:
    case Codec::rans2: return 2;
    case Codec::planes4:
    case Codec::rans4: return 4;
    case Codec::planes8: return 8;
    default: return 1;
  }
}

Status zstd_decompress(Bytes frame, std::span<std::byte> out, Bytes prefix) {
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size() || ZSTD_getFrameContentSize(frame.data(), frame.size()) != out.size())
    return untrusted("a compressed block is not one zstd frame of {} bytes", out.size());
  ZSTD_DCtx* context = decompressor();
  ZSTD_DCtx_reset(context, ZSTD_reset_session_and_parameters);
  if (!prefix.empty()) ZSTD_DCtx_refPrefix(context, prefix.data(), prefix.size());
  const std::size_t n = ZSTD_decompressDCtx(context, out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(n)) return untrusted("a compressed block cannot be decoded: {}", ZSTD_getErrorName(n));
  if (n != out.size()) return untrusted("a compressed block gives {} bytes, {} are declared", n, out.size());
  return Ok{};
}

void split_planes(Bytes in, std::size_t width, std::span<std::byte> out) {
  assert(in.size() == out.size());
  const std::size_t n = in.size() / width;
  for (std::size_t p = 0; p < width; ++p)
    for (std::size_t i = 0; i < n; ++i) out[p * n + i] = in[i * width + p];
  for (std::size_t i = n * width; i < in.size(); ++i) out[i] = in[i];
}

void join_planes(Bytes in, std::size_t width, std::span<std::byte> out) {
  assert(in.size() == out.size());
  const std::size_t n = in.size() / width;
  for (std::size_t p = 0; p < width; ++p)
    for (std::size_t i = 0; i < n; ++i) out[i * width + p] = in[p * n + i];
  for (std::size_t i = n * width; i < in.size(); ++i) out[i] = in[i];
}

Status decode_block(Codec codec, Bytes frame, std::span<std::byte> plain) {
  if (codec == Codec::raw) {
    if (frame.size() != plain.size()) return untrusted("a raw block has {} bytes, {} are declared", frame.size(), plain.size());
    std::memcpy(plain.data(), frame.data(), frame.size());
    return Ok{};
  }
  if (is_rans(codec)) return rans_decode({.kind = RansKind::plain, .width = width_of(codec)}, frame, {}, plain);
  if (codec == Codec::zstd) return zstd_decompress(frame, plain);
  std::vector<std::byte> planes(plain.size());
  CHECK_OK(zstd_decompress(frame, planes));
  join_planes(planes, width_of(codec), plain);
  return Ok{};
}

}  // namespace hone
