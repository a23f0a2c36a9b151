// SPDX-License-Identifier: Apache-2.0
// Applying a delta (docs/bundle.md, section 4): base release + delta = new release, block by block, in memory that does not grow with the model. Only
// the new release's signature is believed; base blocks are hashed before use and result blocks after. Making deltas is in delta_writer.h.
#pragma once
#include "lib/bundle/bundle.h"
#include "lib/bundle/rans.h"

namespace hone {

constexpr std::size_t delta_magic_length = 8;
constexpr std::array<char, delta_magic_length> delta_magic{'H', 'O', 'N', 'E', 'D', 'L', 'T', 1};

enum class DeltaMethod : std::uint8_t { same, full, exclusive_or, subtract, ordered, prefix, nibbles };
constexpr int method_count = 7;
constexpr bool uses_base(DeltaMethod m) { return m != DeltaMethod::full; }

enum class DeltaCoding : std::uint8_t { raw, zstd, rans };
constexpr int coding_count = 3;

// How a record's frame becomes a block.
struct DeltaForm {
  DeltaMethod method = DeltaMethod::full;
  std::uint8_t width = 1;
  DeltaCoding coding = DeltaCoding::raw;
  bool possible() const;
  RansShape shape() const;  // for DeltaCoding::rans
};
// Fills all of `plain`. REQUIRES: possible(), a method other than same; base as long as plain, unless the method is full or prefix. Errors: untrusted.
Status decode_record(DeltaForm, Bytes frame, Bytes base, std::span<std::byte> plain);

// residual = encode(plain, base), plain = decode(residual, base), as section 4 has them, before and after the byte planes.
void encode_residual(DeltaMethod, std::size_t width, Bytes plain, Bytes base, std::span<std::byte> residual);
void decode_residual(DeltaMethod, std::size_t width, std::span<std::byte> in_out, Bytes base);

class Delta {
 public:
  // Does the input begin as a delta does?
  static Result<bool> recognize(const Input&);
  // The digest of the release it applies to. REQUIRES: recognize() said yes.
  static Result<Digest> base_of(const Input&);
  // Errors: invalid when the delta is for another base.
  static Result<Delta> open(Input, const Trust&, const Release& base);
  const Release& release() const { return release_; }
  // The base file with the same bytes, which has no records, or null.
  const FileEntry* unchanged(const FileEntry&) const;
  // Verified blocks of all other files go to the sink, in order. Success only after the delta's own last byte. Call once.
  Status apply(const BlockSource& base_blocks, const BlockSink& sink);

 private:
  class Stream;
  Delta(std::shared_ptr<Stream> stream, Release release, const Release& base);
  Result<std::vector<std::byte>> next_block(const Block& target, const BlockSource& base_blocks);
  Result<std::vector<std::byte>> base_block(std::uint32_t index, const BlockSource& base_blocks) const;
  std::shared_ptr<Stream> stream_;
  Release release_;
  std::vector<FileEntry> base_files_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> base_index_;  // flat block number -> (file, block)
};

}  // namespace hone
