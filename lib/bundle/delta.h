// SPDX-License-Identifier: Apache-2.0
// Applying a delta (docs/bundle.md, section 4): base release + delta = new release, block by block, in memory that does not grow with the model. Only
// the new release's signature is believed; base blocks are hashed before use and result blocks after. Making deltas is in delta_writer.h.
#pragma once
#include "lib/bundle/bundle.h"
#include "lib/bundle/delta_form.h"

namespace hone {

constexpr std::size_t delta_magic_length = 8;
constexpr std::array<char, delta_magic_length> delta_magic{'H', 'O', 'N', 'E', 'D', 'L', 'T', 1};

// What the new manifest and signatures are compressed against: what both sides know of the base.
std::vector<std::byte> front_prefix(const Release& base);

// The full bundle of the new release, for blocks that the delta cannot give because their base is damaged. Only those are read.
struct DeltaFallback {
  const Bundle* full = nullptr;
  std::uint64_t budget = UINT64_MAX;  // bytes of frames that may be read
  std::uint64_t used = 0;
  std::size_t blocks = 0;
};

// What applying takes, told by the delta's own records and the signed manifest.
struct DeltaPlan {
  std::string name, from, to;          // versions
  std::uint64_t download_bytes = 0;    // the delta
  std::uint64_t write_bytes = 0;       // plain bytes of the files that change
  std::uint64_t memory_bytes = 0;      // buffers at most
  std::size_t files_written = 0, files_unchanged = 0;
  std::array<std::size_t, method_count> blocks{};         // by method
  std::array<std::uint64_t, method_count> frame_bytes{};
};
std::vector<std::string> describe(const DeltaPlan&);  // lines for people
Json to_json(const DeltaPlan&);

class Delta {
 public:
  // Does the input begin as a delta does?
  static Result<bool> recognize(const Input&);
  // The digest of the release it applies to. REQUIRES: recognize() said yes.
  static Result<Digest> base_of(const Input&);
  // Errors: untrusted, also when the delta is for another base.
  static Result<Delta> open(Input, const Trust&, const Release& base);
  const Release& release() const { return release_; }
  // The base file with the same bytes, which has no records, or null.
  const FileEntry* unchanged(const FileEntry&) const;
  // Verified blocks of all other files go to the sink, in order. Success only after the delta's own last byte. Call this or plan(), once.
  Status apply(const BlockSource& base_blocks, const BlockSink& sink, DeltaFallback* = nullptr);
  // The same for one file from the full bundle alone: an unchanged file whose copy in the base is damaged.
  Status take_full(const FileEntry&, const BlockSink& sink, DeltaFallback&) const;
  // Reads to the end, and checks the delta's own checksum, but decodes nothing.
  Result<DeltaPlan> plan();

 private:
  class Stream;
  struct Record {
    DeltaForm form;
    std::uint32_t base = 0, offset = 0, length = 0;
  };
  Delta(std::shared_ptr<Stream> stream, Release release, const Release& base);
  Result<Record> next_record(const Block& target);
  Result<std::vector<std::byte>> block_of(const Record&, Bytes frame, const Block& target, const BlockSource& base_blocks);
  Result<Bytes> base_block(std::uint32_t index, const BlockSource& base_blocks);
  Result<Bytes> base_range(const Record&, std::uint32_t length, const BlockSource& base_blocks);
  Result<std::vector<std::byte>> full_block(const FileEntry&, std::size_t block, DeltaFallback&) const;

  std::shared_ptr<Stream> stream_;
  Release release_;
  std::string base_version_;
  std::vector<FileEntry> base_files_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> base_index_;  // flat block number -> (file, block)
  // The latest base blocks, verified: ranges that straddle blocks come one after the other.
  struct Kept {
    std::uint32_t index = UINT32_MAX;
    std::vector<std::byte> bytes;
  };
  std::array<Kept, 2> kept_;
  std::size_t oldest_ = 0;
  std::vector<std::byte> range_;
};

}  // namespace hone
