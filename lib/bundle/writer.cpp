// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/writer.h"

#include <algorithm>
#include <cassert>

#include "lib/bundle/age_stream.h"
#include "lib/bundle/codec_encode.h"
#include "lib/bundle/ustar.h"

namespace hone {
namespace {

constexpr std::uint64_t large_tensor = UINT64_C(64) << 10;  // worth a block of its own

void append(std::vector<std::byte>& out, Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

struct Encoded {
  FileEntry entry;
  std::vector<std::byte> data;
};

Encoded encode_file(const FileInput& file) {
  Encoded out;
  out.entry.name = file.name;
  out.entry.length = file.bytes.size();
  out.entry.sha256 = sha256(file.bytes);
  for (const BlockCut& cut : cut_blocks(file.bytes.size(), file.segments)) {
    const Bytes plain = file.bytes.subspan(static_cast<std::size_t>(cut.begin), static_cast<std::size_t>(cut.end - cut.begin));
    const Frame frame = encode_block(plain, cut.element_bytes);
    Block block{.codec = frame.codec, .offset = out.data.size()};
    block.length = static_cast<std::uint32_t>(frame.bytes.size());
    block.plain_length = static_cast<std::uint32_t>(plain.size());
    block.plain_sha256 = sha256(plain);
    block.sha256 = frame.codec == Codec::raw ? block.plain_sha256 : sha256(frame.bytes);
    out.entry.blocks.push_back(block);
    append(out.data, frame.bytes);
  }
  return out;
}

// The payload as an age file: always the same for the same key and nonce.
Result<std::vector<std::byte>> seal(Bytes archive, const AgeHeader& header, const AgeFileKey& key, const AgeNonce& nonce) {
  std::vector<std::byte> sealed;
  TRY(AgeWriter writer, AgeWriter::begin(header, key, nonce, [&](Bytes bytes) -> Status {
        append(sealed, bytes);
        return Ok{};
      }));
  CHECK_OK(writer.write(archive));
  CHECK_OK(writer.finish());
  return sealed;
}

// The payload of an encrypted bundle, and what its manifest says of it.
Result<std::vector<std::byte>> seal_for(std::span<const AgeRecipient> recipients, Bytes archive, Encryption& encryption) {
  TRY(const AgeFileKey key, AgeFileKey::generate());
  TRY(const AgeHeader header, AgeHeader::make(key, recipients));
  encryption = {.header = header.text(), .nonce = random_nonce()};
  TRY(auto sealed, seal(archive, header, key, encryption.nonce));
  encryption.length = sealed.size();
  encryption.sha256 = sha256(sealed);
  return sealed;
}

constexpr const char* sealed_name = "payload.age";

// An entry that is the whole payload, and the archive's end.
void append_sealed(std::vector<std::byte>& out, Bytes sealed) {
  append_entry(out, sealed_name, sealed);
  out.resize(out.size() + 2 * ustar_block);
}

}  // namespace

std::vector<BlockCut> cut_blocks(std::uint64_t length, std::span<const Segment> segments) {
  // Runs of one element width; a large tensor is a run of its own, small neighbours share one.
  std::vector<BlockCut> runs;
  std::uint64_t at = 0;
  const auto extend = [&](std::uint64_t end, int width, bool fresh) {
    if (end == at) return;
    if (runs.empty() || fresh || runs.back().element_bytes != width) runs.push_back({at, end, width});
    else runs.back().end = end;
    at = end;
  };
  bool after_large = false;
  for (const Segment& s : segments) {
    assert(s.offset >= at && s.offset + s.length <= length);
    const bool large = s.length >= large_tensor;
    const bool fresh = large || after_large || (!runs.empty() && runs.back().element_bytes != s.element_bytes);
    // The gap before a tensor is alignment: it goes with the tensor before it.
    if (!runs.empty()) runs.back().end = at = s.offset;
    else if (s.offset > 0) extend(s.offset, 1, true);
    extend(s.offset + s.length, s.element_bytes, fresh);
    if (s.length > 0) after_large = large;
  }
  if (!segments.empty() && !runs.empty()) runs.back().end = at = length;
  extend(length, 1, runs.empty());
  std::vector<BlockCut> cuts;
  for (const BlockCut& run : runs)
    for (std::uint64_t begin = run.begin; begin < run.end; begin += block_limit) cuts.push_back({begin, std::min(begin + block_limit, run.end), run.element_bytes});
  return cuts;
}

Result<std::vector<std::byte>> write_bundle(Manifest manifest, std::vector<FileInput> files, std::span<const Signer> keys, std::span<const AgeRecipient> recipients) {
  if (keys.empty() || keys.size() > signatures_limit) return usage_error("a bundle is signed by 1 to {} keys", signatures_limit);
  if (!plain_word(manifest.name)) return usage_error("--name '{}': use 1 to 64 letters, digits, '.', '_' and '-'", manifest.name);
  if (!plain_word(manifest.version, true)) return usage_error("--version '{}': use 1 to 64 letters, digits, '.', '_', '-' and '+'", manifest.version);
  if (manifest.counter == 0 || manifest.counter > INT64_MAX) return usage_error("--counter starts at 1");
  std::ranges::sort(files, {}, &FileInput::name);
  for (const FileInput& file : files)
    if (!safe_name(file.name, name_limit)) return usage_error("file name '{}': must be relative, plain ASCII and at most {} bytes", file.name, name_limit);
  std::vector<Encoded> encoded;
  for (const FileInput& file : files) encoded.push_back(encode_file(file));
  manifest.encoder = encoder_name();
  manifest.files.clear();
  for (const Encoded& e : encoded) manifest.files.push_back(e.entry);
  std::vector<std::byte> payload, sealed;
  for (const Encoded& e : encoded) append_entry(payload, "payload/" + e.entry.name, e.data);
  payload.resize(payload.size() + 2 * ustar_block);
  manifest.encryption.reset();
  if (!recipients.empty()) {
    TRY(sealed, seal_for(recipients, payload, manifest.encryption.emplace()));
  }
  const std::string text = print_manifest(manifest);
  TRY(const Manifest again, parse_manifest(text));  // what we write, we accept
  std::vector<std::string> signatures;
  for (const Signer& key : keys) {
    TRY(const Signature signature, sign(key, as_bytes(text), again.trusted_comment()));
    signatures.push_back(print_signature(signature, signature_comment));
  }
  std::vector<std::byte> out = print_front(as_bytes(text), signatures);
  if (manifest.encryption) append_sealed(out, sealed);
  else append(out, payload);
  return out;
}

Result<std::vector<std::byte>> write_bundle(Manifest manifest, std::vector<FileInput> files, std::span<const SecretKey> keys, std::span<const AgeRecipient> recipients) {
  std::vector<Signer> signers;
  for (const SecretKey& key : keys) signers.push_back(key.signer());
  return write_bundle(std::move(manifest), std::move(files), signers, recipients);
}

Result<std::vector<std::byte>> rebuild_bundle(const Release& release, const BlockSource& blocks, const Unlock& with) {
  const Manifest& m = release.manifest();
  std::vector<std::byte> out = print_front(release.manifest_bytes(), release.signatures()), payload;
  for (std::size_t f = 0; f < m.files.size(); ++f) {
    std::vector<std::byte> data;
    for (std::size_t b = 0; b < m.files[f].blocks.size(); ++b) {
      const Block& block = m.files[f].blocks[b];
      TRY(const auto plain, blocks(f, b));
      CHECK_OK(check_plain(block, plain));
      const auto frame = encode_block_as(block.codec, plain);
      if (frame.size() != block.length || sha256(frame) != block.sha256)
        return invalid("file '{}': {} does not give the frames that {} gave; rebuild with that version (a device needs no rebuilding)", m.files[f].name,
                       encoder_name(), m.encoder);
      append(data, frame);
    }
    append_entry(payload, "payload/" + m.files[f].name, data);
  }
  payload.resize(payload.size() + 2 * ustar_block);
  if (!m.encryption) {
    append(out, payload);
    return out;
  }
  TRY(const AgeHeader header, AgeHeader::parse(m.encryption->header));
  TRY(const AgeFileKey key, unlock(header, with).in(format("{} {}", m.name, m.version)));
  TRY(const auto sealed, seal(payload, header, key, m.encryption->nonce));
  // Another text under the same key and nonce would give both away: it never leaves this function.
  if (sha256(sealed) != m.encryption->sha256) return untrusted("{} {}: these files do not give the encrypted payload that was signed", m.name, m.version);
  append_sealed(out, sealed);
  return out;
}

}  // namespace hone
