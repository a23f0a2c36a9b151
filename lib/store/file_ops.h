// SPDX-License-Identifier: Apache-2.0
// Every change the store makes to the disk goes through here, so that a test can make any one of them fail, or be the last.
#pragma once
#include <functional>

#include "lib/base/file.h"

namespace hone {

enum class FileOp { create, write, sync, rename, remove, make_directory, sync_directory };

struct FileChange {
  FileOp op;
  const Path& path;
  const Path& target;        // the new name of a rename
  std::uint64_t offset = 0;  // of a write
  Bytes bytes = {};
};

class FileOps {
 public:
  // Called before each operation. An errno makes it fail (a write then writes half).
  using Hook = std::function<int(const FileChange&)>;
  explicit FileOps(Hook before = {}) : before_(std::move(before)) {}

  // An open file; closed when it goes.
  class File {
   public:
    File(const FileOps& ops, int fd, Path path) : ops_(&ops), fd_(fd), path_(std::move(path)) {}
    File(File&& other) noexcept : ops_(other.ops_), fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
    File& operator=(File&&) = delete;
    ~File();
    Status write(std::uint64_t offset, Bytes) const;
    Status sync() const;

   private:
    const FileOps* ops_;
    int fd_;
    Path path_;
  };
  Result<File> create(const Path&) const;      // empty, or what is there already: it is not cut
  Result<File> create_new(const Path&) const;  // an error when something has that name
  Status rename(const Path& from, const Path& to) const;
  Status remove(const Path&) const;  // a folder with all that is in it; links are not followed
  Status make_directory(const Path&) const;    // nothing to do when it is there
  Status remove_directory(const Path&) const;  // an empty one
  Status sync_directory(const Path&) const;

 private:
  Result<File> open(const Path&, int flags) const;
  Status before(std::string_view what, const FileChange&) const;
  Hook before_;
};

}  // namespace hone
