// SPDX-License-Identifier: Apache-2.0
// Releases of one model for store tests, and looking at a store.
#pragma once
#include "lib/store/store.h"
#include "tests/bundle/helpers.h"

namespace hone {

inline const Device& this_device() {
  static const Device device{"x86_64", "0.1.0"};
  return device;
}

// Release n of the model: other weights, counter n.
inline Contents contents_of(std::uint64_t n) {
  Contents c;
  c.model_weights = weights(600, n == 1 ? 0 : 0.001F * static_cast<float>(n));
  return c;
}
inline const Buffer& release_bytes(std::uint64_t n) {
  static std::map<std::uint64_t, Buffer> made;
  if (!made.contains(n)) made[n] = make_bundle(contents_of(n), n);
  return made[n];
}
inline const Buffer& delta_bytes(std::uint64_t from, std::uint64_t to) {
  static std::map<std::pair<std::uint64_t, std::uint64_t>, Buffer> made;
  Buffer& delta = made[{from, to}];
  if (delta.empty())
    delta = *make_delta(*Bundle::open(memory_input("a", release_bytes(from)), test_trust()), *Bundle::open(memory_input("b", release_bytes(to)), test_trust()));
  return delta;
}
inline Digest digest_of(Bytes bundle) { return Bundle::open(memory_input("x", bundle), test_trust())->release().digest(); }

inline Result<Store> open_store(const Path& path, FileOps ops = FileOps()) { return Store::open(path, test_trust(), Store::Access::change, std::move(ops)); }

inline Status install(Store& store, Bytes bytes, const InstallOptions& options = {}) {
  CHECK_OK(store.install(memory_input("input", bytes), this_device(), options));
  return Ok{};
}
inline Status provision(const Path& path, FileOps ops = FileOps()) {
  TRY(Store store, open_store(path, std::move(ops)));
  const Buffer first = release_bytes(1);
  return install(store, first, {.factory = true});
}
inline Status try_candidate(Store& store) {
  CHECK_OK(store.begin_trial());
  return store.pass_trial();
}
inline Status upgrade(const Path& path, std::uint64_t to) {
  TRY(Store store, open_store(path));
  const Buffer bytes = release_bytes(to);
  CHECK_OK(install(store, bytes));
  CHECK_OK(try_candidate(store));
  return store.commit();
}

// The counter of the release that serves, all of its files intact; 0 when there is none.
inline std::uint64_t serving_counter(const Path& path) {
  const auto store = Store::open(path, test_trust(), Store::Access::read);
  if (!store) return 0;
  for (const Release& release : store->serving()) {
    const auto& files = release.manifest().files;
    if (std::ranges::all_of(files, [&](const FileEntry& f) { return store->read(release, f.name).has_value(); })) return release.manifest().counter;
  }
  return 0;
}

inline std::size_t files_in(const Path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

}  // namespace hone
