// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/delta.h"

#include <algorithm>

#include "lib/bundle/delta_stream.h"

namespace hone {

std::vector<std::byte> front_prefix(const Release& base) {
  const std::string comments = format("untrusted comment: {}\ntrusted comment: {}\n", signature_comment, base.manifest().trusted_comment());
  std::vector<std::byte> prefix(base.manifest_bytes().begin(), base.manifest_bytes().end());
  prefix.insert(prefix.end(), as_bytes(comments).begin(), as_bytes(comments).end());
  return prefix;
}

Delta::Delta(std::shared_ptr<Stream> stream, Release release, const Release& base)
    : stream_(std::move(stream)), release_(std::move(release)), base_version_(base.manifest().version), base_files_(base.manifest().files) {
  for (std::uint32_t f = 0; f < base_files_.size(); ++f)
    for (std::uint32_t b = 0; b < base_files_[f].blocks.size(); ++b) base_index_.emplace_back(f, b);
}

Result<bool> Delta::recognize(const Input& input) {
  std::array<char, delta_magic_length> magic{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(magic))));
  return n == magic.size() && std::equal(magic.begin(), magic.end() - 1, delta_magic.begin());
}

Result<Digest> Delta::base_of(const Input& input) {
  std::array<std::byte, delta_magic_length + sizeof(Digest)> head{};
  CHECK_OK(read_exactly(input, 0, head));
  Digest digest;
  std::memcpy(digest.data(), head.data() + delta_magic_length, sizeof(Digest));
  return digest;
}

Result<Delta> Delta::open(Input input, const Trust& trust, const Release& base) {
  const auto stream = std::make_shared<Stream>(std::move(input));
  TRY(const auto magic, stream->take(delta_magic_length));
  if (std::memcmp(magic.data(), delta_magic.data(), delta_magic_length) != 0) return untrusted("{}: not a delta that this version knows", stream->name());
  TRY(const Digest wanted, stream->get<Digest>());
  if (wanted != base.digest())
    return untrusted("{}: made for another base than {} {}: for the release with digest {}, this one has {}; use the delta made for it, or the full bundle", stream->name(),
                     base.manifest().name, base.manifest().version, to_hex(wanted), to_hex(base.digest()));
  TRY(const auto length, stream->get<std::uint32_t>());
  TRY(const auto packed, stream->get<std::uint32_t>());
  if (length == 0 || length > manifest_limit + signatures_limit * (signature_limit + 4) + 8 || packed > length + 1024)
    return untrusted("{}: impossible lengths in the delta's header", stream->name());
  TRY(const auto frame, stream->take(packed));
  std::vector<std::byte> front(length);
  CHECK_OK(zstd_decompress(frame, front, front_prefix(base)).in(stream->name()));
  Reader reader(front);
  std::vector<std::string> signatures;
  const auto text = [&](std::uint64_t limit) {  // empty when there is none, or not within the limit
    const auto size = reader.get<std::uint32_t>();
    return size && *size <= limit ? reader.take(*size).value_or(Bytes()) : Bytes();
  };
  const Bytes manifest = text(manifest_limit);
  while (!manifest.empty() && reader.left() > 0 && signatures.size() < signatures_limit) signatures.emplace_back(as_text(text(signature_limit)));
  if (manifest.empty() || reader.left() > 0) return untrusted("{}: impossible lengths in the delta's header", stream->name());
  TRY(Release release, Release::verify({manifest.begin(), manifest.end()}, std::move(signatures), trust).in(stream->name()));
  return Delta(stream, std::move(release), base);
}

const FileEntry* Delta::unchanged(const FileEntry& file) const {
  const auto same = [&](const FileEntry& f) { return f.length == file.length && f.sha256 == file.sha256; };
  const auto it = std::ranges::find_if(base_files_, same);
  return it == base_files_.end() ? nullptr : &*it;
}

Result<Delta::Record> Delta::next_record(const Block& target) {
  Record r;
  TRY(const auto method, stream_->get<std::uint8_t>());
  if (method >= method_count) return untrusted("the delta has a block of unknown method {}", method);
  r.form.method = static_cast<DeltaMethod>(method);
  if (r.form.uses_base()) {
    TRY(r.base, stream_->get<std::uint32_t>());
  }
  if (r.form.uses_range()) {
    TRY(r.offset, stream_->get<std::uint32_t>());
  }
  if (r.form.uses_base() && r.base >= base_index_.size()) return untrusted("the delta refers to block {} of a base that has {}", r.base, base_index_.size());
  if (r.form.method == DeltaMethod::same) return r;
  TRY(r.form.width, stream_->get<std::uint8_t>());
  TRY(const auto coding, stream_->get<std::uint8_t>());
  TRY(r.length, stream_->get<std::uint32_t>());
  r.form.coding = static_cast<DeltaCoding>(coding);
  if (coding >= coding_count || !r.form.possible() || r.length == 0 || r.length > target.plain_length)
    return untrusted("the delta has a block of impossible form");
  return r;
}

Result<Bytes> Delta::base_block(std::uint32_t index, const BlockSource& base_blocks) {
  for (const Kept& k : kept_)
    if (k.index == index) return Bytes(k.bytes);
  const auto [f, b] = base_index_[index];
  Kept& slot = kept_[oldest_];
  slot.index = UINT32_MAX;
  const std::string what = format("block {} of the base's '{}' is damaged; the full bundle has what is needed", b, base_files_[f].name);
  TRY(slot.bytes, base_blocks(f, b).in(what));
  CHECK_OK(check_plain(base_files_[f].blocks[b], slot.bytes).in(what));
  slot.index = index;
  oldest_ = 1 - oldest_;
  return Bytes(slot.bytes);
}

Result<Bytes> Delta::base_range(const Record& r, std::uint32_t length, const BlockSource& base_blocks) {
  TRY(const Bytes first, base_block(r.base, base_blocks));
  if (r.form.method == DeltaMethod::prefix) return first;
  if (r.offset >= first.size()) return untrusted("the delta refers to byte {} of a block of {}", r.offset, first.size());
  if (length <= first.size() - r.offset) return first.subspan(r.offset, length);
  range_.assign(first.begin() + r.offset, first.end());
  for (std::uint32_t next = r.base + 1; range_.size() < length; ++next) {
    if (next >= base_index_.size() || base_index_[next].first != base_index_[r.base].first) return untrusted("the delta refers to bytes past the end of a base file");
    TRY(const Bytes more, base_block(next, base_blocks));
    const Bytes used = more.first(std::min<std::size_t>(more.size(), length - range_.size()));
    range_.insert(range_.end(), used.begin(), used.end());
  }
  return Bytes(range_);
}

// Verified, or an error.
Result<std::vector<std::byte>> Delta::block_of(const Record& r, Bytes frame, const Block& target, const BlockSource& base_blocks) {
  if (r.form.method == DeltaMethod::same) {
    const auto [f, b] = base_index_[r.base];
    if (base_files_[f].blocks[b].plain_sha256 != target.plain_sha256) return untrusted("a block does not have the SHA-256 that was signed");
    TRY(const Bytes bytes, base_block(r.base, base_blocks));
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  Bytes base;
  if (r.form.uses_base()) {
    TRY(base, base_range(r, target.plain_length, base_blocks));
  }
  std::vector<std::byte> plain(target.plain_length);
  CHECK_OK(decode_record(r.form, frame, base, plain));
  CHECK_OK(check_plain(target, plain));
  return plain;
}

Result<std::vector<std::byte>> Delta::full_block(const FileEntry& file, std::size_t block, DeltaFallback& fallback) const {
  const auto f = static_cast<std::size_t>(&file - release_.manifest().files.data());
  const std::uint64_t cost = file.blocks[block].length;
  if (fallback.full->release().digest() != release_.digest())
    return untrusted("the full bundle is {} {}, the delta leads to {} {}: name the bundle of the same release", fallback.full->manifest().name, fallback.full->manifest().version,
                     release_.manifest().name, release_.manifest().version);
  if (cost > fallback.budget - std::min(fallback.budget, fallback.used))
    return untrusted("more than {} bytes of full blocks are needed; install the full bundle", fallback.budget);
  fallback.used += cost;
  ++fallback.blocks;
  return fallback.full->block(f, block);
}

Status Delta::take_full(const FileEntry& file, const BlockSink& sink, DeltaFallback& fallback) const {
  CHECK_OK(sink.begin(file));
  std::uint64_t offset = 0;
  for (std::size_t b = 0; b < file.blocks.size(); ++b) {
    TRY(const auto plain, full_block(file, b, fallback));
    CHECK_OK(sink.block(file, offset, plain));
    offset += plain.size();
  }
  return sink.end(file);
}

// The SHA-256 of a whole file is not computed: that of every block was, and the list of blocks is signed. A single block's must be the file's.
Status Delta::apply(const BlockSource& base_blocks, const BlockSink& sink, DeltaFallback* fallback) {
  for (const FileEntry& file : release_.manifest().files) {
    if (unchanged(file)) continue;
    const std::string where = format("{}: {}", stream_->name(), file.name);
    if (file.blocks.size() == 1 && file.blocks[0].plain_sha256 != file.sha256) return untrusted("{}: the file does not have the SHA-256 that was signed", where);
    CHECK_OK(sink.begin(file));
    std::uint64_t offset = 0;
    for (std::size_t b = 0; b < file.blocks.size(); ++b) {
      TRY(const Record record, next_record(file.blocks[b]).in(where));
      TRY(const auto frame, stream_->take(record.length));
      auto plain = block_of(record, frame, file.blocks[b], base_blocks);
      if (!plain && fallback) plain = full_block(file, b, *fallback);
      if (!plain) return std::move(plain).error().in(where);
      CHECK_OK(sink.block(file, offset, *plain));
      offset += plain->size();
    }
    CHECK_OK(sink.end(file));
  }
  return stream_->finish();
}

}  // namespace hone
