// SPDX-License-Identifier: Apache-2.0
#include "lib/store/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/store/folder.h"

namespace hone {
namespace {

// Another file's inode keeps the lock, so it goes with the process whatever happens to it.
Result<std::shared_ptr<const int>> take_lock(const Path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return io_error("{}: cannot open: {}", path.string(), std::strerror(errno));
  std::shared_ptr<const int> lock(new int(fd), [](const int* p) { ::close(*p), delete p; });
  struct stat info{};
  const bool locked = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  // A first command whose syncs failed takes the file away again: a lock on what has no name any more keeps nobody out.
  if (!locked || ::fstat(fd, &info) != 0 || info.st_nlink == 0) return io_error("{}: another command is changing this store; try again when it is done", path.string());
  return lock;
}

}  // namespace

Result<Store> Store::open(const Path& directory, Pinned pinned, Access access, FileOps ops) {
  Store store(directory, std::move(pinned), std::move(ops));
  if (access == Access::change) {
    CHECK_OK(store.prepare());
  } else if (std::error_code missing; !std::filesystem::is_directory(directory, missing)) {
    return io_error("{}: there is no store here", directory.string());
  }
  CHECK_OK(store.load_state());
  if (access == Access::change) store.empty_staging();
  CHECK_OK(store.check_given());
  if (access == Access::change) CHECK_OK(confirm_state(store.ops_, directory / "state", store.state_));
  CHECK_OK(store.follow_keyring(access));
  if (access == Access::change) {
    CHECK_OK(store.settle());
    store.collect_garbage();  // of a command that was cut short
  }
  return store;
}

Result<Store> Store::open_pinned(const Path& directory, Access access) {
  for (int again = 0;; ++again) {
    TRY(Pinned pinned, Store::pinned(directory));
    const std::vector<std::byte> file = pinned.file;
    auto store = open(directory, std::move(pinned), access);
    if (store || again == 3) return store;
    const auto now = Store::pinned(directory);
    if (!now || now->file == file) return store;
  }
}

Status Store::prepare() {
  std::error_code missing;
  const bool fresh = !std::filesystem::exists(directory_ / "state", missing);  // or an install was cut short, and its folders may not be on the disk yet
  CHECK_OK(ops_.make_directory(directory_));
  TRY(lock_, take_lock(directory_ / "lock"));
  for (const char* name : {"objects", "releases", "staging"}) {  // a link would have us empty some other folder
    if (std::filesystem::is_symlink(directory_ / name, missing)) return io_error("{}: is a symbolic link; a store's folders lie in it", (directory_ / name).string());
    CHECK_OK(ops_.make_directory(directory_ / name));
  }
  Status synced = ops_.sync_directory(directory_);
  if (synced && fresh) synced = ops_.sync_directory(directory_ / "..");
  if (!synced && fresh) {  // a second sync could not be believed: the next command makes them anew
    for (const char* name : {"objects", "releases", "staging"}) (void)ops_.remove_directory(directory_ / name).has_value();
    (void)ops_.remove(directory_ / "lock").has_value();
    (void)ops_.remove_directory(directory_).has_value();
  }
  return synced;
}

// A first install writes a state before anything else: where there is more than that and no state, it was lost, and with it what must not come back.
Status Store::load_state() {
  std::error_code missing;
  const auto holds = [&](const char* name) { return std::filesystem::exists(std::filesystem::symlink_status(directory_ / name, missing)); };
  const bool used = holds("trusted") || holds("retired") || !holds_nothing(directory_ / "objects") || !holds_nothing(directory_ / "releases");  // looked at first: no lock is needed
  TRY(state_, read_state(directory_ / "state"));
  if (state_.generation > 0 || !used) return Ok{};
  return untrusted("{}: missing or empty, though releases or keys are here: what this device has committed and must not take back is not known, so nothing is installed or loaded; "
                   "put the file back from a backup, or move the store away and provision it anew",
                   (directory_ / "state").string());
}

Status Store::save(State next) {
  next.generation = state_.generation;
  CHECK_OK(write_state(ops_, directory_ / "state", next));
  state_ = std::move(next);
  collect_garbage();
  return Ok{};
}

}  // namespace hone
