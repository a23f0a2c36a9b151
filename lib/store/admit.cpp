// SPDX-License-Identifier: Apache-2.0
// What may come into the store (docs/store.md, "install"): the rules that need no more than a verified manifest, each with its reason.
#include <sys/statvfs.h>

#include "lib/base/times.h"
#include "lib/bundle/gate.h"
#include "lib/store/store.h"

namespace hone {

// The release is where an install would put it.
bool Store::is_here(const Release& release) const {
  return state_.active_release() == release.digest() || (state_.pending() && state_.candidate() == release.digest());
}

// The same, or the other bank's, or the factory model.
bool Store::is_kept(const Release& release) const {
  return is_here(release) || (!state_.pending() && state_.candidate() == release.digest()) || state_.factory == release.digest();
}

// Its manifest here, which what serves is told by, and every file.
bool Store::is_whole(const Release& release) const { return this->release(release.digest()) && verify(release); }

Status Store::check_times(const Manifest& m, const Device& device) const {
  const std::uint64_t time = now(device);
  if (m.expires != 0 && m.expires <= time)
    return untrusted("{} {} expired on {}, and it is {} here: ask for a newer release, or set the clock", m.name, m.version, print_time(m.expires), print_time(time));
  const Keyring& keyring = pinned_.keyring;
  if (keyring.expires != 0 && keyring.expires <= time)
    return untrusted("keyring {} expired on {}, and it is {} here: give this device the next one (hone-target keyring), or set the clock", keyring.counter,
                     print_time(keyring.expires), print_time(time));
  return Ok{};
}

// Device, and the application that feeds and reads the model.
Status Store::check_fit(const Release& release, const Device& device, const InstallOptions& options) const {
  const Manifest& m = release.manifest();
  CHECK_OK(check_target(m, device.architecture, device.hone_version));
  CHECK_OK(check_gate(m.gate));
  if (device.memory_bytes != 0 && m.memory.total() > device.memory_bytes)
    return invalid("{} {} needs {} bytes of memory, this device has {}", m.name, m.version, m.memory.total(), device.memory_bytes);
  if (options.new_interface) return Ok{};
  const std::vector<Release> list = serving();
  if (list.empty()) return Ok{};
  if (const Status fits = check_interface(m, list[0].manifest()); !fits)
    return Error{fits.error().code, format("{}; if the application knows that, install it with --new-interface", fits.error().message)};
  return Ok{};
}

Status Store::check_history(const Release& release, const InstallOptions& options) const {
  const Manifest& m = release.manifest();
  if (m.counter <= state_.highest)
    return untrusted("rollback refused: {} {} has counter {}, this device has committed {}", m.name, m.version, m.counter, state_.highest);
  if (state_.is_listed(release.digest())) return Error{Code::no, format("{} {} was rolled back on this device before; it is not tried again", m.name, m.version)};
  if (state_.is_blocked(release.digest(), m.counter))
    return Error{Code::no, format("too many releases failed on this device: {} {} needs a counter above {}", m.name, m.version, state_.failed_highest)};
  if (state_.phase == Phase::trial) return Error{Code::no, "a trial is under way; commit it or roll it back first"};
  if (options.factory && !state_.blank()) return usage_error("--factory is for an empty store; this one has a history");
  return Ok{};
}

Result<Store::Way> Store::admit(const Release& release, const Device& device, const InstallOptions& options) const {
  const Manifest& m = release.manifest();
  if (!state_.model.empty() && m.name != state_.model) return untrusted("this store is for '{}', the release is of '{}'", state_.model, m.name);
  if (is_kept(release) && !is_whole(release)) return Way::repair;
  if (is_here(release)) return Way::already;
  CHECK_OK(check_history(release, options));
  CHECK_OK(check_times(m, device));
  CHECK_OK(check_fit(release, device, options));
  return Way::stage;
}

// At most; a file whose bytes are here under another name is not written again.
std::uint64_t Store::bytes_to_write(const Release& release) const {
  std::uint64_t bytes = 2 * release.manifest_bytes().size() + 16384;
  for (const FileEntry& file : release.manifest().files) {
    std::error_code missing;
    if (!std::filesystem::exists(object(release.manifest(), file), missing)) bytes += file.length + file.length / 2048 + 4096;  // what encryption and the file system add
  }
  return bytes;
}

// Of the disk, for whoever writes here; without an answer, as many as can be.
std::uint64_t Store::free_bytes() const {
  struct statvfs info{};
  if (::statvfs(directory_.c_str(), &info) != 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

// Before anything is written; a disk that fills up later is found by the write that fails.
Status Store::check_room(const Release& release) const {
  const std::uint64_t free = free_bytes(), needed = bytes_to_write(release);
  if (needed > free) return io_error("{}: up to {} bytes are to be written and {} are free on this disk", directory_.string(), needed, free);
  return Ok{};
}

}  // namespace hone
