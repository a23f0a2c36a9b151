// SPDX-License-Identifier: Apache-2.0
// What an application gets: the releases that may serve, best first.
#include <algorithm>

#include "lib/store/folder.h"
#include "lib/store/store.h"

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
  if (!found) return Error{found.error().code, found.error().message + "; install its bundle again"};
  return found;
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
