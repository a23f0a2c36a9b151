// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/bundle.h"

#include <algorithm>
#include <cassert>

#include "lib/bundle/age_stream.h"
#include "lib/bundle/ustar.h"

namespace hone {
namespace {

constexpr std::string_view manifest_name = "manifest.json", payload_prefix = "payload/", sealed_name = "payload.age";

// Reads the archive in order.
class Archive {
 public:
  Archive(const Input& input, std::uint64_t at) : input_(input), at_(at) {}
  std::uint64_t at() const { return at_; }
  Result<std::vector<std::byte>> take(std::uint64_t n) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(n));
    CHECK_OK(read_exactly(input_, at_, bytes));
    at_ += n;
    return bytes;
  }
  Result<std::optional<UstarEntry>> header() {
    TRY(const auto block, take(ustar_block));
    return parse_ustar_header(block).in(input_.name);
  }
  Status zeros(std::size_t n) {
    TRY(const auto bytes, take(n));
    if (std::ranges::any_of(bytes, [](std::byte b) { return b != std::byte{0}; })) return untrusted("{}: hidden bytes in the archive's padding", input_.name);
    return Ok{};
  }
  // The header must be of this entry and no other.
  Status expect(std::string_view name, std::uint64_t size) {
    TRY(const auto entry, header());
    if (entry && entry->name == name && entry->size == size) return Ok{};
    return untrusted("{}: the archive does not have {} as signed, but {}", input_.name, name, entry ? format("'{}' of {} bytes", entry->name, entry->size) : "its end");
  }
  // The data of an entry, padding checked.
  Result<std::vector<std::byte>> data(std::uint64_t size) {
    TRY(auto bytes, take(size));
    CHECK_OK(zeros(ustar_padding(size)));
    return bytes;
  }
  // Two blocks of zeros, and nothing more.
  Status end() {
    for (int i = 0; i < 2; ++i) {
      TRY(const auto entry, header());
      if (entry) return untrusted("{}: '{}' is not in the signed manifest", input_.name, entry->name);
    }
    std::byte extra;
    TRY(const std::size_t n, input_.read(at_, std::span(&extra, 1)));
    if (n != 0) return untrusted("{}: bytes after the end of the archive", input_.name);
    return Ok{};
  }

 private:
  const Input& input_;
  std::uint64_t at_;
};

Status check_digest(Bytes bytes, const Digest& expected, std::string_view what) {
  if (sha256(bytes) != expected) return untrusted("{} does not have the SHA-256 that was signed", what);
  return Ok{};
}

}  // namespace

Status check_plain(const Block& block, Bytes plain) {
  if (plain.size() != block.plain_length) return untrusted("a block has {} bytes, {} were signed", plain.size(), block.plain_length);
  return check_digest(plain, block.plain_sha256, "a block");
}

Result<std::vector<std::byte>> check_block(const Block& block, Bytes frame) {
  CHECK_OK(check_digest(frame, block.sha256, "a stored block"));
  if (block.codec == Codec::raw) return std::vector<std::byte>(frame.begin(), frame.end());
  std::vector<std::byte> plain(block.plain_length);
  CHECK_OK(decode_block(block.codec, frame, plain));
  CHECK_OK(check_plain(block, plain));
  return plain;
}

Result<Bundle> Bundle::open(Input input, const Trust& trust, const Unlock& with) {
  Archive archive(input, 0);
  TRY(const auto first, archive.header());
  if (!first || first->name != manifest_name) return untrusted("{}: not a Hone bundle: its first entry is not {}", input.name, manifest_name);
  if (first->size == 0 || first->size > manifest_limit) return untrusted("{}: {} has {} bytes, at most {} are allowed", input.name, manifest_name, first->size, manifest_limit);
  TRY(auto manifest, archive.data(first->size));
  std::vector<std::string> signatures;
  std::uint64_t payload = archive.at();
  // The entry after the signatures is looked at here and again by read_all, which compares it with the manifest.
  while (signatures.size() < signatures_limit) {
    TRY(const auto entry, archive.header());
    if (!entry || entry->name != signature_name(signatures.size())) break;
    if (entry->size > signature_limit) return untrusted("{}: a signature of {} bytes", input.name, entry->size);
    TRY(const auto text, archive.data(entry->size));
    signatures.emplace_back(as_text(text));
    payload = archive.at();
  }
  const std::string where = input.name;
  TRY(Release release, Release::verify(std::move(manifest), std::move(signatures), trust).in(where));
  Bundle bundle(std::move(input), std::move(release), payload);
  if (bundle.locked() && (with.grant || !with.identities.empty())) CHECK_OK(bundle.unseal(with));
  return bundle;
}

// The header is believed because it was signed, not because it lies in the archive; the copy there must be the same.
Status Bundle::unseal(const Unlock& with) {
  const Encryption& e = *manifest().encryption;
  TRY(const AgeHeader header, AgeHeader::parse(e.header));
  TRY(const AgeFileKey key, unlock(header, with).in(input_.name));
  Archive archive(input_, payload_);
  CHECK_OK(archive.expect(sealed_name, e.length));
  const std::uint64_t begin = archive.at();
  TRY(const auto front, archive.take(e.header.size() + e.nonce.size()));
  const Bytes nonce = std::as_bytes(std::span(e.nonce));
  if (as_text(front).substr(0, e.header.size()) != e.header || !std::ranges::equal(Bytes(front).last(nonce.size()), nonce))
    return untrusted("{}: {} begins otherwise than was signed", input_.name, sealed_name);
  TRY(plain_, open_age_payload(slice_input(input_, begin, e.length), key, e.header.size()));
  return Ok{};
}

Status Bundle::readable() const {
  if (locked()) return usage_error("{}: is encrypted; name who may read it with --identity FILE (and --grant FILE, if you were given one)", input_.name);
  return Ok{};
}

Status Bundle::check_sealed() const {
  assert(locked());
  const Encryption& e = *manifest().encryption;
  Archive archive(input_, payload_);
  CHECK_OK(archive.expect(sealed_name, e.length));
  Sha256 hash;
  for (std::uint64_t at = 0; at < e.length; at += block_limit) {
    TRY(const auto piece, archive.take(std::min(block_limit, e.length - at)));
    hash.update(piece);
  }
  if (hash.finish() != e.sha256) return untrusted("{}: {} does not have the SHA-256 that was signed", input_.name, sealed_name);
  return sealed_end();
}

// What follows the encrypted payload.
Status Bundle::sealed_end() const {
  const std::uint64_t length = manifest().encryption->length;
  Archive archive(input_, payload_ + ustar_block + length);
  CHECK_OK(archive.zeros(ustar_padding(length)));
  return archive.end();
}

Result<std::vector<std::byte>> Bundle::read_block(const Block& block, std::uint64_t data) const {
  std::vector<std::byte> frame(block.length);
  CHECK_OK(read_exactly(entries(), data + block.offset, frame));
  return check_block(block, frame);
}

Status Bundle::read_all(const BlockSink& sink) const {
  CHECK_OK(readable());
  Archive archive(entries(), plain_ ? 0 : payload_);
  for (const FileEntry& file : manifest().files) {
    const std::string where = format("{}: {}", input_.name, file.name);
    CHECK_OK(archive.expect(format("{}{}", payload_prefix, file.name), file.stored()));
    CHECK_OK(sink.begin(file));
    Sha256 whole;
    std::uint64_t offset = 0;
    for (const Block& block : file.blocks) {
      TRY(const auto frame, archive.take(block.length));
      TRY(const auto plain, check_block(block, frame).in(where));
      whole.update(plain);
      CHECK_OK(sink.block(file, offset, plain));
      offset += plain.size();
    }
    CHECK_OK(archive.zeros(ustar_padding(file.stored())));
    if (whole.finish() != file.sha256) return untrusted("{}: the file does not have the SHA-256 that was signed", where);
    CHECK_OK(sink.end(file));
  }
  CHECK_OK(archive.end());
  return plain_ ? sealed_end() : Ok{};
}

Result<std::vector<std::byte>> Bundle::block(std::size_t file, std::size_t index) const {
  const auto& files = manifest().files;
  assert(file < files.size() && index < files[file].blocks.size());
  CHECK_OK(readable());
  std::uint64_t data = (plain_ ? 0 : payload_) + ustar_block;
  for (std::size_t i = 0; i < file; ++i) data += files[i].stored() + ustar_padding(files[i].stored()) + ustar_block;
  return read_block(files[file].blocks[index], data).in(format("{}: {}", input_.name, files[file].name));
}

Result<std::size_t> Bundle::index_of(std::string_view name) const {
  const FileEntry* entry = manifest().file(name);
  if (!entry) return invalid("{}: holds no file '{}'", input_.name, name);
  return static_cast<std::size_t>(entry - manifest().files.data());
}

// REQUIRES: out has the file's length.
Status Bundle::read_file(std::size_t index, std::span<std::byte> out) const {
  const FileEntry& file = manifest().files[index];
  std::size_t at = 0;
  for (std::size_t b = 0; b < file.blocks.size(); ++b) {
    TRY(const auto plain, block(index, b));
    std::memcpy(out.data() + at, plain.data(), plain.size());
    at += plain.size();
  }
  return check_digest(out, file.sha256, file.name);
}

Result<std::vector<std::byte>> Bundle::file(std::string_view name) const {
  TRY(const std::size_t index, index_of(name));
  std::vector<std::byte> bytes(static_cast<std::size_t>(manifest().files[index].length));
  CHECK_OK(read_file(index, bytes));
  return bytes;
}

Result<SharedBytes> Bundle::load(std::string_view name) const {
  if (!manifest().encryption) {
    TRY(auto bytes, file(name));
    return share(std::move(bytes));
  }
  TRY(const std::size_t index, index_of(name));
  TRY(SecretBytes bytes, SecretBytes::allocate(static_cast<std::size_t>(manifest().files[index].length)));
  CHECK_OK(read_file(index, bytes.bytes()));
  return share(std::move(bytes));
}

}  // namespace hone
