// SPDX-License-Identifier: Apache-2.0
// What an application gets: the releases that may serve, best first, and their files.
#include <algorithm>

#include "lib/store/folder.h"
#include "lib/store/staging.h"

namespace hone {

Result<Release> Store::release_by(const Digest& digest, const Trust& trust) const {
  const Path path = release_file(digest);
  TRY(const auto bytes, read_own(path, 2 * manifest_limit));
  TRY(const Bundle bundle, Bundle::open(memory_input(path.string(), bytes), trust));
  if (bundle.release().digest() != digest) return untrusted("{}: holds another release than its name says", path.string());
  return bundle.release();
}

Result<Release> Store::release(const Digest& digest) const {
  auto found = release_by(digest, pinned_.releases());
  for (const Trust& role : pinned_.retired) {
    if (found) break;
    if (auto older = release_by(digest, role)) found = std::move(older);
  }
  return found;
}

Result<SharedBytes> Store::read(const Release& release, std::string_view file) const {
  const FileEntry* entry = release.manifest().file(file);
  if (!entry) return invalid("{} {} has no file '{}'", release.manifest().name, release.manifest().version, file);
  const Path path = object(entry->sha256);
  TRY(auto bytes, read_own(path, entry->length));
  if (bytes.size() != entry->length || sha256(bytes) != entry->sha256) return untrusted("{}: '{}' was damaged or altered after it was installed", path.string(), file);
  return share(std::move(bytes));
}

Status Store::verify(const Release& release) const {
  for (const FileEntry& file : release.manifest().files)
    if (!intact(object(file.sha256), file.length, file.sha256))
      return untrusted("{} {}: '{}' is missing, damaged or altered; install its full bundle again", release.manifest().name, release.manifest().version, file.name);
  return Ok{};
}

bool Store::may_serve(const Release& release) const { return release.manifest().counter >= state_.floor && !state_.is_listed(release.digest()); }

std::vector<Release> Store::serving() const {
  std::vector<Release> list;
  const auto add = [&](const std::optional<Digest>& digest, bool always) {
    if (!digest || std::ranges::any_of(list, [&](const Release& r) { return r.digest() == *digest; })) return;
    auto found = release(*digest);
    if (found && (always || may_serve(*found))) list.push_back(std::move(*found));
  };
  if (state_.active != no_bank) {
    add(state_.banks[static_cast<std::size_t>(state_.active)], true);
    if (!state_.pending()) add(state_.banks[static_cast<std::size_t>(1 - state_.active)], false);
  }
  add(state_.factory, true);
  return list;
}

}  // namespace hone
