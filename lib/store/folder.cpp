// SPDX-License-Identifier: Apache-2.0
#include "lib/store/folder.h"

#include <algorithm>

namespace hone {

Result<std::vector<std::byte>> read_own(const Path& path, std::uint64_t limit) {
  std::error_code missing;
  if (std::filesystem::exists(path, missing) && !std::filesystem::is_regular_file(path, missing)) return io_error("{}: is no plain file", path.string());
  return read_file(path, limit);
}

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  std::error_code failure;  // a disk that cannot be read must not throw
  for (std::filesystem::directory_iterator it(folder, failure), end; !failure && it != end; it.increment(failure)) names.push_back(it->path().filename().string());
  std::ranges::sort(names);
  return names;
}

bool holds_nothing(const Path& folder) {
  std::error_code failure;
  const bool empty = std::filesystem::is_empty(folder, failure);
  return failure ? failure == std::errc::no_such_file_or_directory : empty;
}

}  // namespace hone
