// SPDX-License-Identifier: Apache-2.0
// Looking into the store's own folders, where another hand may have put anything.
#pragma once
#include <string>
#include <vector>

#include "lib/base/file.h"

namespace hone {

// A file of the store, in our own memory. A pipe or a device would have us wait for ever.
Result<std::vector<std::byte>> read_own(const Path&, std::uint64_t limit);
// Sorted; nothing when there is no such folder.
std::vector<std::string> names_in(const Path& folder);
// Missing or empty; not so when it cannot be told.
bool holds_nothing(const Path& folder);

}  // namespace hone
