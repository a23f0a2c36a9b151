// SPDX-License-Identifier: Apache-2.0
#include "lib/store/staging.h"

#include <algorithm>

#include "lib/bundle/ustar.h"

namespace hone {

BlockSink Store::Staging::sink() {
  return {[this](const FileEntry& f) { return begin(f); }, [this](const FileEntry&, std::uint64_t offset, Bytes plain) { return block(offset, plain); },
          [this](const FileEntry& f) { return end(f); }};
}

Status Store::Staging::begin(const FileEntry& entry) {
  file_.reset();
  CHECK_OK(store_.need_identity(manifest_));
  const Path to = store_.object(manifest_, entry);
  // What an earlier state names is safe on the disk; what an install left that never reached a state may only seem to be there.
  const bool safe = !store_.state_.blank() && store_.intact(manifest_, entry);
  if (std::ranges::find(moves_, to, &Move::to) != moves_.end() || safe) return Ok{};
  const Path from = store_.directory_ / "staging" / to.filename();
  TRY(FileOps::File file, store_.ops_.create_new(from));
  file_.emplace(std::move(file));
  moves_.push_back({from, to});
  if (manifest_.encryption) return begin_encrypted();
  return Ok{};
}

// What is plain here is so in memory only.
Status Store::Staging::begin_encrypted() {
  const AgeRecipient device = store_.unlock_.identities[0].recipient();
  TRY(AgeWriter writer, AgeWriter::begin(std::span(&device, 1), [this, at = std::uint64_t{0}](Bytes sealed) mutable -> Status {
        CHECK_OK(file_->write(at, sealed));
        at += sealed.size();
        return Ok{};
      }));
  writer_.emplace(std::move(writer));
  return Ok{};
}

Status Store::Staging::block(std::uint64_t offset, Bytes plain) {
  if (!file_) return Ok{};
  written_ += plain.size();
  return writer_ ? writer_->write(plain) : file_->write(offset, plain);
}

Status Store::Staging::end(const FileEntry&) {
  if (writer_) CHECK_OK(writer_->finish());
  writer_.reset();
  if (file_) CHECK_OK(file_->sync());
  file_.reset();
  return Ok{};
}

Status Store::Staging::finish(const Release& release) {
  const auto place = [&](const Path& from, const Path& to) -> Status {
    if (std::error_code missing; std::filesystem::is_directory(to, missing)) CHECK_OK(store_.ops_.remove(to));  // another hand's
    return store_.ops_.rename(from, to);
  };
  for (const Move& m : moves_) CHECK_OK(place(m.from, m.to));
  CHECK_OK(store_.ops_.sync_directory(store_.directory_ / "objects"));
  std::vector<std::byte> bytes = print_front(release.manifest_bytes(), release.signatures());
  bytes.resize(bytes.size() + 2 * ustar_block);
  const Path from = store_.directory_ / "staging" / "release", to = store_.release_file(release.digest());
  {
    TRY(const FileOps::File file, store_.ops_.create_new(from));
    CHECK_OK(file.write(0, bytes));
    CHECK_OK(file.sync());
  }
  CHECK_OK(place(from, to));
  return store_.ops_.sync_directory(store_.directory_ / "releases");
}

}  // namespace hone
