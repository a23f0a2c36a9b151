// SPDX-License-Identifier: Apache-2.0
// What the store knows about its releases: 4 KiB that are replaced as a whole (docs/store.md).
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/hash.h"
#include "lib/store/file_ops.h"

namespace hone {

constexpr std::size_t state_length = 4096;
constexpr std::size_t blocked_limit = 16;
constexpr int no_bank = 255;

enum class Phase : std::uint8_t { idle, staged, trial, committed, rolled_back };
enum class Reason : std::uint8_t { none, requested, load_failed, golden_differs, not_finite, too_slow, too_much_memory, tries_exhausted, drift, too_hot, interface, reported, untrusted };
constexpr int phase_count = 5, reason_count = 13;
std::string_view name(Phase);   // "rolled back"
std::string_view name(Reason);  // "golden vectors differ"

struct Blocked {
  Digest digest{};
  std::uint64_t counter = 0;
};

struct State {
  std::uint64_t generation = 0;
  // What only grows: the counter of releases, committed and floor; the same of releases that failed and are not listed any more; the time, by signed metadata.
  std::uint64_t highest = 0, floor = 0, failed_highest = 0, time_floor = 0;
  std::uint64_t keyring = 0;  // counter of the keyring that was last followed
  Phase phase = Phase::idle;
  int active = no_bank, tries = 0;
  bool passed = false;
  Reason reason = Reason::none;  // of the last rollback
  std::string model;             // the name that releases must have
  std::array<std::optional<Digest>, 2> banks;
  std::optional<Digest> factory, failed;
  std::vector<Blocked> blocked;  // ascending by counter

  bool blank() const { return phase == Phase::idle && active == no_bank; }  // nothing was installed yet: a first install began, at most
  bool pending() const { return phase == Phase::staged || phase == Phase::trial; }
  bool exhausted() const { return pending() && tries == 0 && !passed; }  // the last try was begun, and no verdict came
  int spare() const { return active == 0 ? 1 : 0; }  // the bank a candidate goes to
  std::optional<Digest> active_release() const { return active == no_bank ? std::nullopt : banks[static_cast<std::size_t>(active)]; }
  const std::optional<Digest>& candidate() const { return banks[static_cast<std::size_t>(spare())]; }  // when pending
  bool is_listed(const Digest&) const;                             // among the blocked
  bool is_blocked(const Digest&, std::uint64_t counter) const;  // not to be installed: listed, or of a time when too many failed
  // When there are too many, the lowest counter goes, and all up to it are blocked from then on.
  void block(const Blocked&);
};

std::array<std::byte, state_length> encode_state(const State&);
// Nothing unless the checksum is right and every field is possible.
std::optional<State> decode_state(Bytes record);

// The newer of the two records of `file`; a State of generation 0 when there is no file, or none but a first record that was cut short. Errors: untrusted when both
// records are damaged; io.
Result<State> read_state(const Path& file);
// Over the older record, then synced; on the first write the file is created and its directory synced too. Advances the generation.
Status write_state(const FileOps&, const Path& file, State&);
// Writes the record that was read once more where it lies, and syncs it. What a file shows is not always on the disk: whoever wrote it may have been killed before
// the sync; and after a sync that failed the kernel holds the pages to be clean, so that only what is written anew can be made safe.
Status confirm_state(const FileOps&, const Path& file, const State&);

}  // namespace hone
