// SPDX-License-Identifier: Apache-2.0
// Files on their way into the store: written and synced under staging/, and named as objects only when all of the input was right.
#pragma once
#include <optional>

#include "lib/bundle/age_stream.h"
#include "lib/store/store.h"

namespace hone {

class Store::Staging {
 public:
  // Both are kept by reference.
  Staging(const Store& store, const Manifest& manifest) : store_(store), manifest_(manifest) {}
  BlockSink sink();
  // Renames everything into place, manifest last; then all of it is durable.
  Status finish(const Release&);
  std::uint64_t written() const { return written_; }

 private:
  Status begin(const FileEntry&);
  Status begin_encrypted();
  Status block(std::uint64_t offset, Bytes);
  Status end(const FileEntry&);
  struct Move {
    Path from, to;
  };
  const Store& store_;
  const Manifest& manifest_;
  std::optional<FileOps::File> file_;  // nothing while a file is skipped, because it is there
  std::optional<AgeWriter> writer_;      // into file_, of an encrypted release
  std::vector<Move> moves_;
  std::uint64_t written_ = 0;
};

}  // namespace hone
