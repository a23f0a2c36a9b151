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
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace hone
