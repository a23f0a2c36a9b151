// SPDX-License-Identifier: Apache-2.0
// Into the store: what is refused, and the way of a bundle's or a delta's blocks to staging and of their names into the state.
#include <algorithm>

#include "lib/store/staging.h"

namespace hone {

Result<Release> Store::base_of(const Input& input) const {
  TRY(const Digest wanted, Delta::base_of(input));
  for (const auto& here : {state_.banks[0], state_.banks[1], state_.factory})
    if (here && *here == wanted) return release(wanted);
  return untrusted("{}: made for another base than the releases on this device; use the full bundle", input.name);
}

Result<Installed> Store::install(Input file, const Device& device, const InstallOptions& options) {
  TRY(Input input, open_age_or_plain(std::move(file), {.identities = unlock_.identities, .grant = options.grant}));
  TRY(const bool delta, Delta::recognize(input));
  auto installed = delta ? install_delta(std::move(input), device, options) : install_bundle(std::move(input), device, options);
  if (!installed) empty_staging();  // else the next command that changes the store does it
  return installed;
}

Result<Installed> Store::install_bundle(Input input, const Device& device, const InstallOptions& options) {
  TRY(const Bundle bundle, Bundle::open(std::move(input), pinned_.releases(), {.identities = unlock_.identities, .grant = options.grant}));
  TRY(const Way way, admit(bundle.release(), device, options));
  if (way == Way::already) return Installed{.digest = bundle.release().digest(), .already = true};
  CHECK_OK(check_room(bundle.release()));
  Staging staging(*this, bundle.manifest());
  CHECK_OK(bundle.read_all(staging.sink()));
  return finish(way, bundle.release(), options, staging);
}

Result<Installed> Store::install_delta(Input input, const Device& device, const InstallOptions& options) {
  TRY(const Release base, base_of(input));
  TRY(Delta delta, Delta::open(std::move(input), pinned_.releases(), base));
  TRY(const Way way, admit(delta.release(), device, options));
  if (way == Way::already) return Installed{.digest = delta.release().digest(), .already = true, .delta = true};
  const Manifest& m = delta.release().manifest();
  CHECK_OK(check_room(delta.release()));
  std::optional<Bundle> full;
  if (options.full) {
    TRY(full, Bundle::open(*options.full, pinned_.releases(), {.identities = unlock_.identities, .grant = options.grant}));
  }
  DeltaFallback fallback{.full = full ? &*full : nullptr, .budget = options.full_bytes};
  Staging staging(*this, m);
  for (const FileEntry& file : m.files)
    if (const FileEntry* same = delta.unchanged(file); same && !intact(m, file)) {
      const bool copies = m.encryption.has_value() != base.manifest().encryption.has_value();  // from plain to encrypted, or back
      if (copies && intact(base.manifest(), *same)) CHECK_OK(copy_file(base.manifest(), *same, file, staging.sink()));
      else if (full) CHECK_OK(delta.take_full(file, staging.sink(), fallback));
      else return untrusted("'{}' of the installed release is damaged; name the full bundle with --full, or install it", file.name);
    }
  std::pair<std::size_t, Input> opened{base.manifest().files.size(), {}};  // the file of the block before
  const auto base_block = [&](std::size_t f, std::size_t b) -> Result<std::vector<std::byte>> {
    const FileEntry& file = base.manifest().files[f];
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < b; ++i) offset += file.blocks[i].plain_length;
    if (opened.first != f) {
      TRY(opened.second, open_object(base.manifest(), file));
      opened.first = f;
    }
    std::vector<std::byte> bytes(file.blocks[b].plain_length);
    CHECK_OK(read_exactly(opened.second, offset, bytes));
    return bytes;
  };
  CHECK_OK(delta.apply(base_block, staging.sink(), full ? &fallback : nullptr));
  TRY(Installed installed, finish(way, delta.release(), options, staging));
  installed.delta = true;
  installed.full_blocks = fallback.blocks;
  installed.full_block_bytes = fallback.used;
  return installed;
}

// A file that is here, to where `sink` puts the release it shall belong to as well.
Status Store::copy_file(const Manifest& from, const FileEntry& here, const FileEntry& file, const BlockSink& sink) const {
  TRY(const Input input, open_object(from, here));
  CHECK_OK(sink.begin(file));
  std::uint64_t offset = 0;
  for (const Block& block : file.blocks) {
    std::vector<std::byte> bytes(block.plain_length);
    CHECK_OK(read_exactly(input, offset, bytes));
    CHECK_OK(check_plain(block, bytes));
    CHECK_OK(sink.block(file, offset, bytes));
    offset += bytes.size();
  }
  return sink.end(file);
}

Result<Installed> Store::finish(Way way, const Release& release, const InstallOptions& options, Staging& staging) {
  if (way == Way::repair) {
    CHECK_OK(staging.finish(release));
    return Installed{.digest = release.digest(), .repaired = true, .written_bytes = staging.written()};
  }
  if (state_.generation == 0) CHECK_OK(save({}));  // before anything else is here, so that whoever finds something and no state knows that it was lost
  CHECK_OK(staging.finish(release));
  if (state_.blank()) CHECK_OK(pin_trust());
  State next = state_;
  next.keyring = pinned_.keyring.counter;
  next.time_floor = std::max(next.time_floor, pinned_.keyring.created);
  next.banks[static_cast<std::size_t>(next.spare())] = release.digest();
  if (options.factory) {
    next.active = next.spare();
    next.factory = release.digest();
    next.model = release.manifest().name;
    next.highest = release.manifest().counter;
    next.floor = release.manifest().floor;
    next.time_floor = std::max(next.time_floor, release.manifest().created);
  } else {
    next.phase = Phase::staged;
    next.tries = options.tries;
    next.passed = false;
  }
  CHECK_OK(save(std::move(next)));
  return Installed{.digest = release.digest(), .written_bytes = staging.written()};
}

}  // namespace hone
