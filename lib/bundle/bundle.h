// SPDX-License-Identifier: Apache-2.0
// Reading bundles (docs/bundle.md, section 1). A Bundle exists only with a verified manifest, and hands out only blocks that were read into our own
// memory and hashed there: what was checked is what is used. Memory does not grow with the payload.
#pragma once
#include "lib/bundle/age.h"
#include "lib/bundle/release.h"

namespace hone {

// Receives the verified blocks of all files in order; `offset` is within the file.
struct BlockSink {
  std::function<Status(const FileEntry&)> begin;  // before a file's first block
  std::function<Status(const FileEntry&, std::uint64_t offset, Bytes plain)> block;
  std::function<Status(const FileEntry&)> end;    // the whole file's SHA-256 was right
};

// Gives plain blocks by (file, block) of a manifest.
using BlockSource = std::function<Result<std::vector<std::byte>>(std::size_t file, std::size_t block)>;

class Bundle {
 public:
  // An encrypted bundle without an identity is opened too, locked. Errors: untrusted, also when the identities are not among those it is for.
  static Result<Bundle> open(Input, const Trust&, const Unlock& = {});
  const Release& release() const { return release_; }
  const Manifest& manifest() const { return release_.manifest(); }
  // Opens the payload of a locked bundle, as open() does with identities. REQUIRES: locked().
  Status unseal(const Unlock&);
  bool locked() const { return manifest().encryption && !plain_; }
  // All that can be said of a locked bundle's payload: it is, to its last byte, what was signed. REQUIRES: locked().
  Status check_sealed() const;
  // The whole archive from front to back, to its last byte: nothing may follow or lie between. Works on pipes.
  Status read_all(const BlockSink&) const;
  // One block, or one file, out of order. REQUIRES: valid indices. All three: usage errors when locked.
  Result<std::vector<std::byte>> block(std::size_t file, std::size_t block) const;
  Result<std::vector<std::byte>> file(std::string_view name) const;
  Result<SharedBytes> load(std::string_view name) const;  // a file, in locked memory if the bundle is encrypted

 private:
  Bundle(Input input, Release release, std::uint64_t payload) : input_(std::move(input)), release_(std::move(release)), payload_(payload) {}
  Result<std::size_t> index_of(std::string_view name) const;
  Status read_file(std::size_t index, std::span<std::byte> out) const;
  Status sealed_end() const;
  Status readable() const;
  const Input& entries() const { return plain_ ? *plain_ : input_; }
  Result<std::vector<std::byte>> read_block(const Block&, std::uint64_t data) const;
  Input input_;
  Release release_;
  std::uint64_t payload_;       // offset of the header after the signatures
  std::optional<Input> plain_;  // the payload's entries, when they are encrypted and an identity is at hand
};

// Frame hash, decoding, plain hash.
Result<std::vector<std::byte>> check_block(const Block&, Bytes frame);
Status check_plain(const Block&, Bytes plain);

}  // namespace hone
