// SPDX-License-Identifier: Apache-2.0
// Frames that a trusted key signed, whatever they hold: hash and signature are right, so every decoder is reached through a whole bundle. The input is a
// list of blocks: codec (1 byte), plain length (2, of which 12 bits count), frame length (2), frame. What decodes at all must come out of the bundle as it was decoded.
#include <algorithm>
#include <cstdlib>

#include "lib/bundle/ustar.h"
#include "tests/fuzz/release.h"

namespace hone {
namespace {

constexpr Codec codecs[] = {Codec::raw, Codec::zstd, Codec::planes2, Codec::planes4, Codec::planes8, Codec::rans1, Codec::rans2, Codec::rans4};

struct Blocks {
  FileEntry file;
  std::vector<std::byte> stored, plain;
  bool decodable = true;
};

Blocks blocks_of(const unsigned char* data, std::size_t size) {
  Blocks b;
  b.file.name = "a";
  while (size > 5 && b.file.blocks.size() < 16) {
    const Codec codec = codecs[data[0] % std::size(codecs)];
    const std::size_t plain_length = data[1] + 256U * (data[2] % 16U), length = std::min<std::size_t>(data[3] + 256U * data[4], size - 5);
    const Bytes frame(reinterpret_cast<const std::byte*>(data) + 5, length);
    data += 5 + length, size -= 5 + length;
    if (length == 0 || length > plain_length || (codec == Codec::raw && length != plain_length)) continue;
    std::vector<std::byte> plain(plain_length);
    b.decodable = decode_block(codec, frame, plain).has_value() && b.decodable;
    Block block{.codec = codec, .offset = b.stored.size(), .length = static_cast<std::uint32_t>(length), .plain_length = static_cast<std::uint32_t>(plain_length)};
    block.sha256 = sha256(frame);
    block.plain_sha256 = sha256(plain);
    b.file.blocks.push_back(block);
    b.stored.insert(b.stored.end(), frame.begin(), frame.end());
    b.plain.insert(b.plain.end(), plain.begin(), plain.end());
  }
  b.file.length = b.plain.size();
  b.file.sha256 = sha256(b.plain);
  return b;
}

}  // namespace
}  // namespace hone

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  static const SecretKey key = *SecretKey::parse(fuzz_key);
  static const Trust trust{.keys = {key.public_key()}};
  const Blocks b = blocks_of(data, size);
  Manifest m;
  m.name = "fuzz";
  m.version = "1";
  m.counter = 1;
  m.encoder = "fuzz";
  m.files = {b.file};
  const std::string text = print_manifest(m), signature = print_signature(key.sign(as_bytes(text), m.trusted_comment()), signature_comment);
  std::vector<std::byte> bytes = print_front(as_bytes(text), std::span(&signature, 1));
  append_entry(bytes, "payload/a", b.stored);
  bytes.resize(bytes.size() + 2 * ustar_block);
  const auto bundle = Bundle::open(memory_input("fuzz", bytes), trust);
  if (!bundle) std::abort();
  if (bundle->read_all(discard()).has_value() != b.decodable) std::abort();
  if (b.decodable && *bundle->file("a") != b.plain) std::abort();
  return 0;
}
