// SPDX-License-Identifier: Apache-2.0
#include "lib/store/file_ops.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hone {
namespace {

Error failed(std::string_view what, const Path& path, int code) { return io_error("{}: {}: {}", path.string(), what, std::strerror(code)); }

Status write_all(int fd, const Path& path, std::uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return failed("cannot write", path, n < 0 ? errno : EIO);
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return Ok{};
}

}  // namespace

Status FileOps::before(std::string_view what, const FileChange& change) const {
  if (const int code = before_ ? before_(change) : 0; code != 0) return failed(what, change.path, code);
  return Ok{};
}

FileOps::File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Status FileOps::File::write(std::uint64_t offset, Bytes bytes) const {
  if (const Status allowed = ops_->before("cannot write", {FileOp::write, path_, path_, offset, bytes}); !allowed) {
    CHECK_OK(write_all(fd_, path_, offset, bytes.first(bytes.size() / 2)));
    return allowed;
  }
  return write_all(fd_, path_, offset, bytes);
}

Status FileOps::File::sync() const {
  CHECK_OK(ops_->before("cannot sync", {FileOp::sync, path_, path_}));
  if (::fsync(fd_) != 0) return failed("cannot sync", path_, errno);
  return Ok{};
}

Result<FileOps::File> FileOps::create(const Path& path) const { return open(path, 0); }
Result<FileOps::File> FileOps::create_new(const Path& path) const { return open(path, O_EXCL); }

Result<FileOps::File> FileOps::open(const Path& path, int flags) const {
  CHECK_OK(before("cannot create", {FileOp::create, path, path}));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0644);
  if (fd < 0) return failed("cannot create", path, errno);
  return File(*this, fd, path);
}

Status FileOps::rename(const Path& from, const Path& to) const {
  CHECK_OK(before("cannot rename", {FileOp::rename, from, to}));
  if (::rename(from.c_str(), to.c_str()) != 0) return failed("cannot rename", from, errno);
  return Ok{};
}

Status FileOps::remove(const Path& path) const {
  CHECK_OK(before("cannot remove", {FileOp::remove, path, path}));
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return Ok{};
  if (errno != EISDIR && errno != EPERM) return failed("cannot remove", path, errno);
  std::error_code failure;
  std::filesystem::remove_all(path, failure);
  if (failure) return failed("cannot remove", path, failure.value());
  return Ok{};
}

Status FileOps::make_directory(const Path& path) const {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return Ok{};
  CHECK_OK(before("cannot create", {FileOp::make_directory, path, path}));
  if (::mkdir(path.c_str(), 0755) == 0) return Ok{};
  const int code = errno;
  if (code == EEXIST && std::filesystem::is_directory(path, ignored)) return Ok{};  // another command was faster
  return failed("cannot create", path, code);
}

Status FileOps::remove_directory(const Path& path) const {
  CHECK_OK(before("cannot remove", {FileOp::remove, path, path}));
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT) return failed("cannot remove", path, errno);
  return Ok{};
}

Status FileOps::sync_directory(const Path& path) const {
  CHECK_OK(before("cannot sync", {FileOp::sync_directory, path, path}));
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed("cannot open", path, errno);
  const int rc = ::fsync(fd);
  const int code = errno;
  ::close(fd);
  if (rc != 0) return failed("cannot sync", path, code);
  return Ok{};
}

}  // namespace hone
