// SPDX-License-Identifier: Apache-2.0
// What no release needs any more is removed: files of an install that did not end, and what a written state no longer names.
#include <set>

#include "lib/store/folder.h"
#include "lib/store/store.h"

namespace hone {

void Store::empty_staging() const {
  for (const std::string& name : names_in(directory_ / "staging")) (void)ops_.remove(directory_ / "staging" / name).has_value();
}

void Store::collect_garbage() const {
  if (state_.blank()) return;  // what is here may be the only copy of what somebody lost the state of
  std::set<std::string> objects, releases;
  for (const auto& needed : {state_.banks[0], state_.banks[1], state_.factory}) {
    if (!needed) continue;
    releases.insert(to_hex(*needed));
    const auto found = release(*needed);
    if (!found) return;  // what it needs is not known, so nothing is garbage for sure
    for (const FileEntry& f : found->manifest().files) objects.insert(object(found->manifest(), f).filename().string());
  }
  const auto sweep = [&](const char* folder, const std::set<std::string>& keep) {
    for (const std::string& name : names_in(directory_ / folder))
      if (!keep.contains(name)) (void)ops_.remove(directory_ / folder / name).has_value();
  };
  sweep("objects", objects);
  sweep("releases", releases);
}

}  // namespace hone
