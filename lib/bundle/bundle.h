// SPDX-License-Identifier: Apache-2.0
// Reading bundles (docs/bundle.md, section 1). A Bundle exists only with a verified manifest, and hands out only blocks that were read into our own
// memory and hashed there: what was checked is what is used. Memory does not grow with the payload.
#pragma once
#include "lib/bundle/input.h"
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
  static Result<Bundle> open(Input, const Trust&);
  const Release& release() const { return release_; }
  const Manifest& manifest() const { return release_.manifest(); }
  // The whole archive from front to back, to its last byte: nothing may follow or lie between. Works on pipes.
  Status read_all(const BlockSink&) const;
  // One block, or one file, out of order. REQUIRES: valid indices.
  Result<std::vector<std::byte>> block(std::size_t file, std::size_t block) const;
  Result<std::vector<std::byte>> file(std::string_view name) const;

 private:
  Bundle(Input input, Release release, std::uint64_t payload) : input_(std::move(input)), release_(std::move(release)), payload_(payload) {}
  Result<std::vector<std::byte>> read_block(const Block&, std::uint64_t data) const;
  Input input_;
  Release release_;
  std::uint64_t payload_;  // offset of the first payload header
};

// Frame hash, decoding, plain hash.
Result<std::vector<std::byte>> check_block(const Block&, Bytes frame);
Status check_plain(const Block&, Bytes plain);

}  // namespace hone
