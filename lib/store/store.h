// SPDX-License-Identifier: Apache-2.0
// The device's store: two banks, a factory model, and the way from one release to the next (docs/store.md). Whatever happens, the
// active release keeps its bytes until another one is committed.
#pragma once
#include <algorithm>

#include "lib/bundle/delta.h"
#include "lib/store/state.h"
#include "lib/store/trust.h"

namespace hone {

struct Device {
  std::string architecture, hone_version;  // what target constraints are held against
  std::uint64_t now = 0;                   // what the system clock says, seconds since 1970; never believed when signed metadata is newer
  std::uint64_t memory_bytes = 0;          // of the machine; 0: not known
};

struct InstallOptions {
  bool factory = false;        // provisioning: active at once, and the model of last resort
  bool new_interface = false;  // other inputs and outputs than what serves now has: the application knows
  int tries = 3;
  std::optional<AgeHeader> grant{};  // for an encrypted input
  std::optional<Input> full{};       // for a delta: the full bundle of the same release, for blocks whose base is damaged here
  std::uint64_t full_bytes = UINT64_MAX;  // of whose blocks at most so many bytes are read
};

struct Installed {
  Digest digest{};
  bool already = false;   // nothing was to be done
  bool repaired = false;  // a release that is here has all of its files again; the state is what it was
  bool delta = false;
  std::uint64_t written_bytes = 0;
  std::size_t full_blocks = 0;  // of a delta, taken from the full bundle
  std::uint64_t full_block_bytes = 0;
};

// What an install of this input would do here, without doing it.
struct InstallPlan {
  std::optional<Release> release;  // nothing when its signatures are not trusted
  bool delta = false, already = false, repair = false;
  std::uint64_t write_bytes = 0, held_bytes = 0, free_bytes = 0;  // at most to write; in the store now; on its disk
  std::optional<DeltaPlan> records;  // of a delta: what its own records say
  std::optional<Error> refusal;
};

class Store {
 public:
  enum class Access { read, change };
  // For change: takes the lock (an error at once if another process has it), makes what is missing, empties staging, and rolls a candidate back whose
  // last try ended without a verdict.
  static Result<Store> open(const Path& directory, Pinned, Access, FileOps = FileOps());
  // The keys that the store's first install was given, or the keyring that took their place. Errors: untrusted when there are none to read.
  static Result<Pinned> pinned(const Path& directory);
  // By that; also when another process goes on to the next keyring at this moment.
  static Result<Store> open_pinned(const Path& directory, Access);
  const Keyring& keyring() const { return pinned_.keyring; }
  // What encrypted releases are read with; their files lie here encrypted for the first of them. Without any, encrypted releases are refused.
  void unlock(std::vector<AgeIdentity> identities) { unlock_.identities = std::move(identities); }
  // Goes on to the next keyring; false when it is in force already. `name` is where it came from. Errors: untrusted; io. A refused one changes nothing.
  Result<bool> accept_keyring(const Path& name, std::vector<std::byte> file);
  const State& state() const { return state_; }
  const Path& directory() const { return directory_; }

  // A bundle or a delta, as a stream. Errors: untrusted; invalid (not for this device, wrong base); io. Nothing is changed by a refused input.
  Result<Installed> install(Input, const Device&, const InstallOptions& = {});
  // The same checks without decoding the payload, whose blocks are checked as they come. Errors: the input cannot be read.
  Result<InstallPlan> plan(Input, const Device&, const InstallOptions& = {}) const;
  // Uses up a try, durably, before it names the candidate. Errors: no, when none is left (then it was rolled back, if it had not passed) or nothing is staged;
  // before a try is spent: usage, io, untrusted, when this process cannot read the encrypted candidate.
  Result<Digest> begin_trial();
  Status pass_trial();
  // Drops the candidate and blocks it; but one that could not be loaded because its files were damaged here says nothing of its release, which may come again.
  Status fail_trial(Reason);
  Status commit();  // nothing to do after a commit
  // Drops a candidate; without one, leaves the active release for the other bank's, or the factory model. After a rollback that was asked for, or that opening
  // the store did because no tries were left, there is nothing to do but with `further`: no command, repeated after a power cut too, goes a step too far.
  Status rollback(bool further = false);
  // The second half of a rollback, for a reason of the active release's own. Errors: no, when a candidate waits or there is nothing to go back to.
  Status leave_active(Reason);

  // The system clock, but never before the newest signed metadata that was accepted: a clock that was set back makes nothing valid again. It is not
  // stored, so a clock that was set ahead does no lasting harm.
  std::uint64_t now(const Device& device) const { return std::max(device.now, state_.time_floor); }
  // What somebody should look at, in sentences: expired metadata, a wrong clock, a release that cannot serve.
  std::vector<std::string> alarms(const Device&) const;

  // The releases to serve, best first: active, the other bank's if it may serve, factory. Those whose manifest is damaged are left out.
  std::vector<Release> serving() const;
  Result<Release> release(const Digest&) const;
  // A file of a verified release, in our own memory (locked memory, if it is encrypted), its SHA-256 checked there.
  Result<SharedBytes> read(const Release&, std::string_view file) const;
  // Every file of the release, hashed where it lies; encrypted ones, without an identity, only looked at. Errors: untrusted, naming the first that is
  // missing, damaged or altered.
  Status verify(const Release&) const;

 private:
  Store(Path directory, Pinned pinned, FileOps ops) : directory_(std::move(directory)), pinned_(std::move(pinned)), ops_(std::move(ops)) {}
  Status prepare();
  Status load_state();
  void empty_staging() const;  // what cannot be removed stays: nothing there is ever used again
  Path object(const Manifest&, const FileEntry&) const;
  Result<Input> open_object(const Manifest&, const FileEntry&) const;  // the plain bytes
  bool intact(const Manifest&, const FileEntry&) const;
  Status may_load(const Release&) const;
  Status need_identity(const Manifest&) const;  // a usage error when there is none for an encrypted release
  Path release_file(const Digest& d) const { return directory_ / "releases" / to_hex(d); }
  class Staging;
  Result<Release> base_of(const Input&) const;
  bool is_here(const Release&) const;
  bool is_kept(const Release&) const;
  bool is_whole(const Release&) const;
  // What an install is to do; repair: files of a release that is kept here are not what they were, an install puts them right and changes nothing else.
  enum class Way { stage, already, repair };
  Result<Way> admit(const Release&, const Device&, const InstallOptions&) const;
  Status check_times(const Manifest&, const Device&) const;
  Status check_fit(const Release&, const Device&, const InstallOptions&) const;
  Status check_history(const Release&, const InstallOptions&) const;
  Result<Release> open_front(Input, const Unlock&, InstallPlan&) const;
  std::uint64_t bytes_to_write(const Release&) const;
  std::uint64_t free_bytes() const;
  Status check_room(const Release&) const;
  Result<Installed> finish(Way, const Release&, const InstallOptions&, Staging&);
  Result<Installed> install_bundle(Input, const Device&, const InstallOptions&);
  Result<Installed> install_delta(Input, const Device&, const InstallOptions&);
  Status copy_file(const Manifest& from, const FileEntry& here, const FileEntry& file, const BlockSink&) const;
  Status check_given();
  bool vouches() const;
  Status follow_keyring(Access);
  void block_beyond(std::uint64_t most, State& next) const;
  Status replace_file(const char* name, Bytes) const;
  Status pin_trust() const;
  std::vector<Trust> roles_needed_beside(const Trust&) const;
  Result<Release> release_by(const Digest&, const Trust&) const;
  bool may_serve(const Release&) const;
  std::uint64_t counter_of(const Digest&) const;
  Status settle();  // a candidate whose last try ended without a verdict is rolled back
  Status drop_candidate(Reason, bool block);
  State without_candidate(Reason, bool block) const;
  // Writes the state; then removes what it does not need. Garbage that cannot be removed now is removed another time.
  Status save(State next);
  void collect_garbage() const;

  Path directory_;
  Pinned pinned_;
  Unlock unlock_;
  FileOps ops_;
  State state_;
  std::shared_ptr<const int> lock_;
};

}  // namespace hone
