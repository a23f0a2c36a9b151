// SPDX-License-Identifier: Apache-2.0
#include "lib/store/staging.h"

#include <algorithm>

#include "lib/bundle/ustar.h"

namespace hone {

bool intact(const Path& path, std::uint64_t length, const Digest& digest) {
  std::error_code missing;
  if (!std::filesystem::is_regular_file(path, missing) || std::filesystem::file_size(path, missing) != length || missing) return false;
  const auto input = open_input(path);
  if (!input) return false;
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(length, block_limit)));
  Sha256 hash;
  for (std::uint64_t at = 0; at < length; at += buffer.size()) {
    const std::span<std::byte> piece = std::span(buffer).first(static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length - at)));
    if (!read_exactly(*input, at, piece)) return false;
    hash.update(piece);
  }
  return hash.finish() == digest;
}

BlockSink Store::Staging::sink() {
  return {[this](const FileEntry& f) { return begin(f); }, [this](const FileEntry&, std::uint64_t offset, Bytes plain) { return block(offset, plain); },
          [this](const FileEntry& f) { return end(f); }};
}

Status Store::Staging::begin(const FileEntry& entry) {
  file_.reset();
  const Path to = store_.object(entry.sha256);
  // What an earlier state names is safe on the disk; what an install left that never reached a state may only seem to be there.
  const bool safe = store_.state_.generation > 0 && intact(to, entry.length, entry.sha256);
  if (std::ranges::find(moves_, to, &Move::to) != moves_.end() || safe) return Ok{};
  const Path from = store_.directory_ / "staging" / to.filename();
  TRY(FileOps::File file, store_.ops_.create_new(from));
  file_.emplace(std::move(file));
  moves_.push_back({from, to});
  return Ok{};
}

Status Store::Staging::block(std::uint64_t offset, Bytes plain) {
  if (!file_) return Ok{};
  written_ += plain.size();
  return file_->write(offset, plain);
}

Status Store::Staging::end(const FileEntry&) {
  if (file_) CHECK_OK(file_->sync());
  file_.reset();
  return Ok{};
}

Status Store::Staging::finish(const Release& release) {
  for (const Move& m : moves_) {
    if (std::error_code missing; std::filesystem::is_directory(m.to, missing)) CHECK_OK(store_.ops_.remove(m.to));  // another hand's
    CHECK_OK(store_.ops_.rename(m.from, m.to));
  }
  const Status named = store_.ops_.sync_directory(store_.directory_ / "objects");
  if (!named)  // a later sync could not be believed: the next install names them anew
    for (const Move& m : moves_) (void)store_.ops_.remove(m.to).has_value();
  CHECK_OK(named);
  std::vector<std::byte> bytes = print_front(release.manifest_bytes(), release.signatures());
  bytes.resize(bytes.size() + 2 * ustar_block);
  const Path from = store_.directory_ / "staging" / "release", to = store_.release_file(release.digest());
  {
    TRY(const FileOps::File file, store_.ops_.create_new(from));
    CHECK_OK(file.write(0, bytes));
    CHECK_OK(file.sync());
  }
  CHECK_OK(store_.ops_.rename(from, to));
  return store_.ops_.sync_directory(store_.directory_ / "releases");
}

}  // namespace hone
