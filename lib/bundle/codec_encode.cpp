// SPDX-License-Identifier: Apache-2.0
// Weights have no repetitions, so the entropy coder serves them and zstd's search is wasted; graphs, tables and text have.
#include "lib/bundle/codec_encode.h"

#include <zstd.h>

#include <cassert>
#include <memory>

#include "lib/bundle/rans_encode.h"

namespace hone {
namespace {

constexpr int level = 9;  // of frames: made once on a host, read many times; decoding is as fast at any level
constexpr std::size_t sample = 4096;

ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  return context.get();
}

Codec planes_of(int element_bytes) { return element_bytes == 2 ? Codec::planes2 : element_bytes == 4 ? Codec::planes4 : Codec::planes8; }
Codec rans_of(int element_bytes) { return element_bytes == 2 ? Codec::rans2 : element_bytes == 4 ? Codec::rans4 : Codec::rans1; }

}  // namespace

std::string encoder_name() { return format("zstd {}", ZSTD_versionString()); }

std::vector<std::byte> zstd_compress(Bytes plain, int compression, Bytes prefix) {
  ZSTD_CCtx* context = compressor();
  ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, compression);
  if (!prefix.empty()) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 24);  // so that the whole prefix is within reach
    ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size());
  }
  std::vector<std::byte> frame(ZSTD_compressBound(plain.size()));
  const std::size_t n = ZSTD_compress2(context, frame.data(), frame.size(), plain.data(), plain.size());
  assert(!ZSTD_isError(n));
  frame.resize(n);
  return frame;
}

bool repeats(Bytes plain) {
  if (plain.size() <= 4 * sample) return true;  // trying costs no more
  std::size_t matched = 0, alone = 0;
  for (const std::size_t part : {std::size_t{0}, plain.size() / 2, plain.size() - sample}) {
    const Bytes piece = plain.subspan(part, sample);
    matched += zstd_compress(piece, 3).size();
    alone += static_cast<std::size_t>(rans_estimate({}, 0, piece, {}));
  }
  return matched < alone - alone / 16;
}

std::vector<std::byte> encode_block_as(Codec codec, Bytes plain) {
  if (codec == Codec::raw) return {plain.begin(), plain.end()};
  if (codec == Codec::zstd) return zstd_compress(plain, level);
  if (is_rans(codec)) return rans_encode({.kind = RansKind::plain, .width = width_of(codec)}, 0, plain, {});
  std::vector<std::byte> planes(plain.size());
  split_planes(plain, width_of(codec), planes);
  return zstd_compress(planes, level);
}

Frame encode_block(Bytes plain, int element_bytes) {
  assert(!plain.empty());
  Frame best{Codec::raw, {plain.begin(), plain.end()}};
  const auto consider = [&](Codec codec) {
    if (auto bytes = encode_block_as(codec, plain); bytes.size() < best.bytes.size()) best = {codec, std::move(bytes)};
  };
  consider(rans_of(element_bytes));
  if (repeats(plain)) {
    consider(Codec::zstd);
    if (element_bytes > 1) consider(planes_of(element_bytes));
  }
  return best;
}

}  // namespace hone
