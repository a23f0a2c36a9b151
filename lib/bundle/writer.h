// SPDX-License-Identifier: Apache-2.0
// Making bundles: the same files, manifest fields and keys give the same bytes. Host only.
#pragma once
#include "lib/bundle/bundle.h"
#include "lib/bundle/signing.h"

namespace hone {

// A run of elements of 1, 2, 4 or 8 bytes within a file: a tensor.
struct Segment {
  std::uint64_t offset, length;
  int element_bytes;
};

struct FileInput {
  std::string name;
  Bytes bytes;                    // the caller keeps them
  std::vector<Segment> segments;  // ascending, apart from each other; empty: plain bytes
};

// Fills manifest.files and .encoder from the files, signs with every key. With recipients the payload is encrypted for them, by a new key: only such
// bundles differ from one time to the next. Errors: usage (what the caller named), invalid.
Result<std::vector<std::byte>> write_bundle(Manifest, std::vector<FileInput>, std::span<const Signer>, std::span<const AgeRecipient> recipients = {});
Result<std::vector<std::byte>> write_bundle(Manifest, std::vector<FileInput>, std::span<const SecretKey>, std::span<const AgeRecipient> recipients = {});

// The bundle of a verified release from its plain blocks; exactly the bytes of the original. `blocks` is asked for (file, block) in order. Fails if this
// build's zstd does not reproduce the frames, or nothing at hand opens an encrypted one.
Result<std::vector<std::byte>> rebuild_bundle(const Release&, const BlockSource& blocks, const Unlock& = {});

// Where a file is cut: begin of each block, ascending, the first 0; element_bytes of each block. Shown for tests and for delta.
struct BlockCut {
  std::uint64_t begin, end;
  int element_bytes;
};
std::vector<BlockCut> cut_blocks(std::uint64_t length, std::span<const Segment>);

}  // namespace hone
