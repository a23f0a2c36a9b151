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

// The release is where an install would put it.
bool Store::is_here(const Release& release) const {
  return state_.active_release() == release.digest() || (state_.pending() && state_.candidate() == release.digest());
}

// A release of this device whose files are not what they were: an install puts them right, and changes nothing else.
bool Store::needs_repair(const Release& release) const {
  const bool known = is_here(release) || (!state_.pending() && state_.candidate() == release.digest()) || state_.factory == release.digest();
  return known && !verify(release);
}

Status Store::admit(const Release& release, const Device& device, const InstallOptions& options) const {
  const Manifest& m = release.manifest();
  if (!state_.model.empty() && m.name != state_.model) return untrusted("this store is for '{}', the release is of '{}'", state_.model, m.name);
  CHECK_OK(check_target(m, device.architecture, device.hone_version));
  if (is_here(release) || needs_repair(release)) return Ok{};
  if (m.counter <= state_.highest)
    return untrusted("rollback refused: {} {} has counter {}, this device has committed {}", m.name, m.version, m.counter, state_.highest);
  if (state_.is_listed(release.digest())) return Error{Code::no, format("{} {} was rolled back on this device before; it is not tried again", m.name, m.version)};
  if (state_.is_blocked(release.digest(), m.counter))
    return Error{Code::no, format("too many releases failed on this device: {} {} needs a counter above {}", m.name, m.version, state_.failed_highest)};
  if (state_.phase == Phase::trial) return Error{Code::no, "a trial is under way; commit it or roll it back first"};
  if (options.factory && state_.generation > 0) return usage_error("--factory is for an empty store; this one has a history");
  return Ok{};
}

Result<Installed> Store::install(Input input, const Device& device, const InstallOptions& options) {
  TRY(const bool delta, Delta::recognize(input));
  auto installed = delta ? install_delta(std::move(input), device, options) : install_bundle(std::move(input), device, options);
  if (!installed) empty_staging();  // else the next command that changes the store does it
  return installed;
}

Result<Installed> Store::install_bundle(Input input, const Device& device, const InstallOptions& options) {
  TRY(const Bundle bundle, Bundle::open(std::move(input), pinned_.releases()));
  CHECK_OK(admit(bundle.release(), device, options));
  const bool repair = needs_repair(bundle.release());
  if (is_here(bundle.release()) && !repair) return Installed{.digest = bundle.release().digest(), .already = true};
  Staging staging(*this);
  CHECK_OK(bundle.read_all(staging.sink()));
  if (repair) return finish_repair(bundle.release(), staging);
  return finish_install(bundle.release(), options, staging);
}

Result<Installed> Store::install_delta(Input input, const Device& device, const InstallOptions& options) {
  TRY(const Release base, base_of(input));
  TRY(Delta delta, Delta::open(std::move(input), pinned_.releases(), base));
  CHECK_OK(admit(delta.release(), device, options));
  if (is_here(delta.release())) {
    CHECK_OK(verify(delta.release()));
    return Installed{.digest = delta.release().digest(), .already = true, .delta = true};
  }
  for (const FileEntry& file : delta.release().manifest().files)
    if (delta.unchanged(file) && !intact(object(file.sha256), file.length, file.sha256))
      return untrusted("'{}' of the installed release is damaged; install the full bundle", file.name);
  Staging staging(*this);
  const auto base_block = [&](std::size_t f, std::size_t b) -> Result<std::vector<std::byte>> {
    const FileEntry& file = base.manifest().files[f];
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < b; ++i) offset += file.blocks[i].plain_length;
    TRY(const Input object_input, open_input(object(file.sha256)));
    std::vector<std::byte> bytes(file.blocks[b].plain_length);
    CHECK_OK(read_exactly(object_input, offset, bytes));
    return bytes;
  };
  CHECK_OK(delta.apply(base_block, staging.sink()));
  TRY(Installed installed, finish_install(delta.release(), options, staging));
  installed.delta = true;
  return installed;
}

Result<Installed> Store::finish_repair(const Release& release, Staging& staging) {
  CHECK_OK(staging.finish(release));
  return Installed{.digest = release.digest(), .repaired = true, .written_bytes = staging.written()};
}

Result<Installed> Store::finish_install(const Release& release, const InstallOptions& options, Staging& staging) {
  CHECK_OK(staging.finish(release));
  if (state_.generation == 0) CHECK_OK(pin_trust());
  State next = state_;
  next.keyring = pinned_.keyring.counter;
  next.banks[static_cast<std::size_t>(next.spare())] = release.digest();
  if (options.factory) {
    next.active = next.spare();
    next.factory = release.digest();
    next.model = release.manifest().name;
    next.highest = release.manifest().counter;
    next.floor = release.manifest().floor;
  } else {
    next.phase = Phase::staged;
    next.tries = options.tries;
    next.passed = false;
  }
  CHECK_OK(save(std::move(next)));
  return Installed{.digest = release.digest(), .written_bytes = staging.written()};
}

}  // namespace hone
