// SPDX-License-Identifier: Apache-2.0
// Files on their way into the store: written and synced under staging/, and named as objects only when all of the input was right.
#pragma once
#include <optional>

#include "lib/store/store.h"

namespace hone {

// Is `path` a file of that length and SHA-256? Reads it in pieces.
bool intact(const Path& path, std::uint64_t length, const Digest&);

class Store::Staging {
 public:
  explicit Staging(const Store& store) : store_(store) {}
  BlockSink sink();
  // Renames everything into place, manifest last; then all of it is durable.
  Status finish(const Release&);
  std::uint64_t written() const { return written_; }

 private:
  Status begin(const FileEntry&);
  Status block(std::uint64_t offset, Bytes);
  Status end(const FileEntry&);
  struct Move {
    Path from, to;
  };
  const Store& store_;
  std::optional<FileOps::File> file_;  // nothing while a file is skipped, because it is there
  std::vector<Move> moves_;
  std::uint64_t written_ = 0;
};

}  // namespace hone
