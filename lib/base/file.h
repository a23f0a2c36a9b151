// SPDX-License-Identifier: Apache-2.0
// Files: whole reads, mappings, and writes that appear complete or not at all. "-" is standard input or output.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace hone {

using Path = std::filesystem::path;

// The whole file, in our own memory. Errors: io (missing, unreadable), or more than `limit` bytes.
Result<std::vector<std::byte>> read_file(const Path&, std::uint64_t limit = UINT64_C(1) << 40);

// Bytes kept alive by `owner`: a mapping, or memory of our own.
struct SharedBytes {
  std::shared_ptr<const void> owner;
  Bytes bytes;
};
SharedBytes share(std::vector<std::byte> bytes);
// A read-only private mapping; an empty file gives empty bytes. Use only for files no one rewrites in place.
Result<SharedBytes> map_file(const Path&);
// The same of an open file, which may be closed afterwards; `path` is for messages.
Result<SharedBytes> map_descriptor(int file, const Path&);

// Whether write_file would be let: a usage error for a file that is there already, unless `overwrite`. Devices and pipes are written into.
Status may_write(const Path&, bool overwrite);

// A file and what it shall hold: the pieces in turn.
struct FileContent {
  Path path;
  std::vector<Bytes> pieces;
};
// Writes to temporary names in the same directories, syncs, and when all are whole renames them into place in turn; a link in a place is
// replaced, not followed. Existing files are refused unless `overwrite`.
Status write_files(const std::vector<FileContent>& files, bool overwrite = false);
Status write_file(const Path& path, Bytes bytes, bool overwrite = false);

}  // namespace hone
