// SPDX-License-Identifier: Apache-2.0
#include "lib/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "lib/store/staging.h"

namespace hone {
namespace {

// Another file's inode keeps the lock, so it goes with the process whatever happens to it.
Result<std::shared_ptr<const int>> take_lock(const Path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return io_error("{}: cannot open: {}", path.string(), std::strerror(errno));
  std::shared_ptr<const int> lock(new int(fd), [](const int* p) { ::close(*p), delete p; });
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return io_error("{}: another command is changing this store; try again when it is done", path.string());
  return lock;
}

// A file of the store, in our own memory. A pipe or a device would have us wait for ever.
Result<std::vector<std::byte>> read_own(const Path& path, std::uint64_t limit) {
  std::error_code missing;
  if (std::filesystem::exists(path, missing) && !std::filesystem::is_regular_file(path, missing)) return io_error("{}: is no plain file", path.string());
  return read_file(path, limit);
}

std::vector<std::string> names_in(const Path& directory) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(directory, missing)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

}  // namespace

Result<Store> Store::open(const Path& directory, Trust trust, Access access, FileOps ops) {
  Store store(directory, std::move(trust), std::move(ops));
  if (access == Access::change) {
    CHECK_OK(store.prepare());
  } else if (std::error_code missing; !std::filesystem::is_directory(directory, missing)) {
    return io_error("{}: there is no store here", directory.string());
  }
  TRY(store.state_, read_state(directory / "state"));
  return store;
}

Result<Trust> Store::pinned(const Path& directory) {
  if (std::error_code missing; !std::filesystem::is_directory(directory, missing)) return io_error("{}: there is no store here", directory.string());
  const Path path = directory / "trusted";
  const auto bytes = read_own(path, 65536);
  if (!bytes) return untrusted("no key to trust: {}; name one with --pub K.pub", bytes.error().message);
  std::string_view text = as_text(*bytes);
  Trust trust{.keys = {}, .threshold = 0};
  for (std::size_t line = 0; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return untrusted("{}: cut short", path.string());
    if (line == 0 && end == 1 && text[0] >= '1' && text[0] <= '8') trust.threshold = static_cast<std::size_t>(text[0] - '0');
    if (line > 0) {
      TRY(const PublicKey key, parse_public_key(text.substr(0, end)).in(path.string()));
      trust.keys.push_back(key);
    }
    text.remove_prefix(end + 1);
  }
  if (trust.threshold == 0 || trust.keys.empty()) return untrusted("{}: holds no keys", path.string());
  return trust;
}

// With the first release that is accepted.
Status Store::pin_trust() const {
  std::string text = format("{}\n", trust_.threshold);
  for (const PublicKey& key : trust_.keys) {
    const std::string lines = print_public_key(key);
    text += lines.substr(lines.find('\n') + 1);
  }
  const Path from = directory_ / "staging" / "trusted";
  {
    TRY(const FileOps::File file, ops_.create(from));
    CHECK_OK(file.write(0, as_bytes(text)));
    CHECK_OK(file.sync());
  }
  CHECK_OK(ops_.rename(from, directory_ / "trusted"));
  return ops_.sync_directory(directory_);
}

Status Store::prepare() {
  std::error_code missing;
  const bool fresh = !std::filesystem::is_directory(directory_, missing);
  CHECK_OK(ops_.make_directory(directory_));
  TRY(lock_, take_lock(directory_ / "lock"));
  for (const char* name : {"objects", "releases", "staging"}) {  // a link would have us empty some other folder
    if (std::filesystem::is_symlink(directory_ / name, missing)) return io_error("{}: is a symbolic link; a store's folders lie in it", (directory_ / name).string());
    CHECK_OK(ops_.make_directory(directory_ / name));
  }
  CHECK_OK(ops_.sync_directory(directory_));
  const Path parent = directory_.has_parent_path() ? directory_.parent_path() : Path(".");
  if (fresh) CHECK_OK(ops_.sync_directory(parent));
  return empty_staging();
}

Status Store::empty_staging() const {
  for (const std::string& name : names_in(directory_ / "staging")) CHECK_OK(ops_.remove(directory_ / "staging" / name));
  return Ok{};
}

Result<Release> Store::release(const Digest& digest) const {
  const Path path = release_file(digest);
  TRY(const auto bytes, read_own(path, 2 * manifest_limit));
  TRY(const Bundle bundle, Bundle::open(memory_input(path.string(), bytes), trust_));
  if (bundle.release().digest() != digest) return untrusted("{}: holds another release than its name says", path.string());
  return bundle.release();
}

Result<std::vector<std::byte>> Store::read(const Release& release, std::string_view file) const {
  const FileEntry* entry = release.manifest().file(file);
  if (!entry) return invalid("{} {} has no file '{}'", release.manifest().name, release.manifest().version, file);
  const Path path = object(entry->sha256);
  TRY(auto bytes, read_own(path, entry->length));
  if (bytes.size() != entry->length || sha256(bytes) != entry->sha256) return untrusted("{}: '{}' was damaged or altered after it was installed", path.string(), file);
  return bytes;
}

Result<Release> Store::base_of(const Input& input) const {
  TRY(const Digest wanted, Delta::base_of(input));
  for (const auto& here : {state_.banks[0], state_.banks[1], state_.factory})
    if (here && *here == wanted) return release(wanted);
  return untrusted("{}: made for another base than the releases on this device; use the full bundle", input.name);
}

// The release is where an install would put it.
bool Store::is_here(const Release& release) const {
  const bool active = state_.active != no_bank && state_.banks[static_cast<std::size_t>(state_.active)] == release.digest();
  return active || (state_.phase != Phase::idle && state_.candidate() == release.digest());
}

Status Store::admit(const Release& release, const Device& device, const InstallOptions& options) const {
  const Manifest& m = release.manifest();
  if (!state_.model.empty() && m.name != state_.model) return untrusted("this store is for '{}', the release is of '{}'", state_.model, m.name);
  CHECK_OK(check_target(m, device.architecture, device.hone_version));
  if (is_here(release)) return Ok{};
  if (m.counter <= state_.highest)
    return untrusted("rollback refused: {} {} has counter {}, this device has committed {}", m.name, m.version, m.counter, state_.highest);
  if (state_.is_blocked(release.digest())) return Error{Code::no, format("{} {} was rolled back on this device before; it is not tried again", m.name, m.version)};
  if (state_.phase == Phase::trial) return Error{Code::no, "a trial is under way; commit it or roll it back first"};
  if (options.factory && state_.generation > 0) return usage_error("--factory is for an empty store; this one has a history");
  return Ok{};
}

Result<Installed> Store::install(Input input, const Device& device, const InstallOptions& options) {
  TRY(const bool delta, Delta::recognize(input));
  auto installed = delta ? install_delta(std::move(input), device, options) : install_bundle(std::move(input), device, options);
  if (!installed) (void)empty_staging().has_value();  // else the next command that changes the store does it
  return installed;
}

Result<Installed> Store::install_bundle(Input input, const Device& device, const InstallOptions& options) {
  TRY(const Bundle bundle, Bundle::open(std::move(input), trust_));
  CHECK_OK(admit(bundle.release(), device, options));
  if (is_here(bundle.release())) return Installed{.digest = bundle.release().digest(), .already = true};
  Staging staging(*this);
  CHECK_OK(bundle.read_all(staging.sink()));
  return finish_install(bundle.release(), options, staging);
}

Result<Installed> Store::install_delta(Input input, const Device& device, const InstallOptions& options) {
  TRY(const Release base, base_of(input));
  TRY(Delta delta, Delta::open(std::move(input), trust_, base));
  CHECK_OK(admit(delta.release(), device, options));
  if (is_here(delta.release())) return Installed{.digest = delta.release().digest(), .already = true, .delta = true};
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

Result<Installed> Store::finish_install(const Release& release, const InstallOptions& options, Staging& staging) {
  CHECK_OK(staging.finish(release));
  if (state_.generation == 0) CHECK_OK(pin_trust());
  State next = state_;
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

Result<Digest> Store::begin_trial() {
  if (state_.phase == Phase::idle) return Error{Code::no, "nothing is staged; install a release first"};
  if (state_.tries == 0) {
    CHECK_OK(drop_candidate(Reason::tries_exhausted, true));
    return Error{Code::no, "no tries are left: the candidate was rolled back"};
  }
  State next = state_;
  --next.tries;
  next.phase = Phase::trial;
  next.passed = false;
  CHECK_OK(save(std::move(next)));
  return *state_.candidate();
}

Status Store::pass_trial() {
  if (state_.phase != Phase::trial) return Error{Code::no, "no trial is under way"};
  State next = state_;
  next.passed = true;
  return save(std::move(next));
}

Status Store::fail_trial(Reason reason) {
  if (state_.phase == Phase::idle) return Error{Code::no, "no trial is under way"};
  return drop_candidate(reason, true);
}

Status Store::drop_candidate(Reason reason, bool block) {
  State next = state_;
  const Digest failed = *state_.candidate();
  next.banks[static_cast<std::size_t>(next.spare())].reset();
  next.phase = Phase::idle;
  next.tries = 0;
  next.passed = false;
  next.reason = reason;
  next.failed = failed;
  if (block) next.block(failed);
  return save(std::move(next));
}

Status Store::commit() {
  if (state_.phase == Phase::idle) return Error{Code::no, "nothing is staged; install a release first"};
  if (state_.phase != Phase::trial || !state_.passed) return Error{Code::no, "the candidate has not passed a trial; run 'hone-target trial' first"};
  TRY(const Release candidate, release(*state_.candidate()));
  State next = state_;
  next.active = next.spare();
  next.phase = Phase::idle;
  next.tries = 0;
  next.passed = false;
  next.reason = Reason::none;
  next.model = candidate.manifest().name;
  next.highest = std::max(next.highest, candidate.manifest().counter);
  next.floor = std::max(next.floor, candidate.manifest().floor);
  return save(std::move(next));
}

bool Store::may_serve(const Release& release) const { return release.manifest().counter >= state_.floor && !state_.is_blocked(release.digest()); }

Status Store::rollback() {
  if (state_.phase != Phase::idle) return drop_candidate(Reason::requested, state_.phase == Phase::trial);
  if (state_.active == no_bank) return Error{Code::no, "nothing is installed"};
  const auto active = static_cast<std::size_t>(state_.active), other = 1 - active;
  State next = state_;
  const Digest left = *state_.banks[active];
  bool found = false;
  if (state_.banks[other]) {
    const auto before = release(*state_.banks[other]);
    found = before && may_serve(*before);
  }
  if (!found && state_.factory && *state_.factory != left) {
    next.banks[other] = state_.factory;
    found = true;
  }
  if (!found) return Error{Code::no, "there is no release to go back to"};
  next.banks[active].reset();
  next.active = static_cast<int>(other);
  next.reason = Reason::requested;
  next.failed = left;
  next.block(left);
  return save(std::move(next));
}

std::vector<Release> Store::serving() const {
  std::vector<Release> list;
  const auto add = [&](const std::optional<Digest>& digest, bool always) {
    if (!digest || std::ranges::any_of(list, [&](const Release& r) { return r.digest() == *digest; })) return;
    auto found = release(*digest);
    if (found && (always || may_serve(*found))) list.push_back(std::move(*found));
  };
  if (state_.active != no_bank) {
    add(state_.banks[static_cast<std::size_t>(state_.active)], true);
    if (state_.phase == Phase::idle) add(state_.banks[static_cast<std::size_t>(1 - state_.active)], false);
  }
  add(state_.factory, true);
  return list;
}

Status Store::save(State next) {
  next.generation = state_.generation;
  CHECK_OK(write_state(ops_, directory_ / "state", next));
  state_ = std::move(next);
  collect_garbage();
  return Ok{};
}

void Store::collect_garbage() const {
  std::set<std::string> objects, releases;
  for (const auto& needed : {state_.banks[0], state_.banks[1], state_.factory}) {
    if (!needed) continue;
    releases.insert(to_hex(*needed));
    const auto found = release(*needed);
    if (!found) return;  // what it needs is not known, so nothing is garbage for sure
    for (const FileEntry& f : found->manifest().files) objects.insert(to_hex(f.sha256));
  }
  const auto sweep = [&](const char* folder, const std::set<std::string>& keep) {
    for (const std::string& name : names_in(directory_ / folder))
      if (!keep.contains(name)) (void)ops_.remove(directory_ / folder / name).has_value();
  };
  sweep("objects", objects);
  sweep("releases", releases);
}

}  // namespace hone
