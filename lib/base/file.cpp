// SPDX-License-Identifier: Apache-2.0
#include "lib/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hone {
namespace {

struct Fd {
  int fd;
  ~Fd() {
    if (fd > 2) ::close(fd);
  }
};

Error failed(std::string_view what, const Path& path) { return io_error("{}: {}: {}", path.string(), what, std::strerror(errno)); }

Status write_all(int fd, Bytes bytes, const Path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("cannot write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return Ok{};
}

}  // namespace

Result<std::vector<std::byte>> read_file(const Path& path, std::uint64_t limit) {
  const Fd file{path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return failed("cannot open", path);
  struct stat info{};
  if (::fstat(file.fd, &info) != 0) return failed("cannot stat", path);
  if (S_ISDIR(info.st_mode)) return io_error("{}: is a directory, expected a file", path.string());
  std::vector<std::byte> bytes;
  const auto known = static_cast<std::uint64_t>(S_ISREG(info.st_mode) ? info.st_size : 0);
  if (known <= limit) bytes.reserve(static_cast<std::size_t>(known) + 65536);  // and so is never moved while the file stays as long
  std::size_t used = 0;
  while (used <= limit) {
    bytes.resize(std::max<std::size_t>(bytes.capacity(), used + 65536));
    const ssize_t n = ::read(file.fd, bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("cannot read", path);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  if (used > limit) return io_error("{}: larger than the {} bytes allowed here", path.string(), limit);
  bytes.resize(used);
  return bytes;
}

SharedBytes share(std::vector<std::byte> bytes) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  const Bytes view = *owner;
  return {std::move(owner), view};
}

Result<SharedBytes> map_file(const Path& path) {
  const Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // a pipe without a writer is refused, not waited for
  if (file.fd < 0) return failed("cannot open", path);
  return map_descriptor(file.fd, path);
}

Result<SharedBytes> map_descriptor(int file, const Path& path) {
  struct stat info{};
  if (::fstat(file, &info) != 0) return failed("cannot stat", path);
  if (!S_ISREG(info.st_mode)) return io_error("{}: not a regular file", path.string());
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return SharedBytes{};
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  if (data == MAP_FAILED) return failed("cannot map", path);
  std::shared_ptr<const void> owner(data, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  return SharedBytes{std::move(owner), {static_cast<const std::byte*>(data), size}};
}

// /dev/null, /dev/stdout (a link to what may be a plain file), a pipe.
static bool is_stream(const Path& path) {
  std::error_code ignored;
  const auto kind = std::filesystem::status(path, ignored).type();
  return kind == std::filesystem::file_type::character || kind == std::filesystem::file_type::fifo || path == "/dev/stdout" || path == "/dev/stderr";
}

Status may_write(const Path& path, bool overwrite) {
  if (path == "-" || is_stream(path)) return Ok{};
  std::error_code ignored;
  const auto kind = std::filesystem::symlink_status(path, ignored).type();
  if (kind == std::filesystem::file_type::directory) return io_error("{}: is a directory; name a file", path.string());
  if (!overwrite && kind != std::filesystem::file_type::not_found) return usage_error("{}: exists already; use --force to overwrite it", path.string());
  return Ok{};
}

namespace {

Status write_all(int fd, const FileContent& content) {
  for (const Bytes piece : content.pieces) CHECK_OK(write_all(fd, piece, content.path));
  return Ok{};
}

// Writes the content under a temporary name beside its place, which goes to `temporary`.
Status stage(const FileContent& content, bool overwrite, std::string& temporary) {
  const Path& path = content.path;
  CHECK_OK(may_write(path, overwrite));
  if (path == "-" || is_stream(path)) {
    const Fd file{path == "-" ? 1 : ::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (file.fd < 0) return failed("cannot open", path);
    return write_all(file.fd, content);
  }
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  std::string name = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  const Fd file{::mkstemp(name.data())};
  if (file.fd < 0) return failed("cannot create a file beside it", path);
  temporary = std::move(name);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK_OK(write_all(file.fd, content));
  if (::fchmod(file.fd, 0666 & ~mask) != 0 || ::fsync(file.fd) != 0) return failed("cannot sync", path);
  return Ok{};
}

}  // namespace

// A name that was given is not on the disk before its folder is. Some file systems cannot be asked for that.
static Status sync_folder_of(const Path& path) {
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  const Fd file{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (file.fd < 0 || ::fsync(file.fd) == 0 || errno == EINVAL) return Ok{};
  return failed("cannot sync", folder);
}

Status write_files(const std::vector<FileContent>& files, bool overwrite) {
  std::vector<std::string> temporary(files.size());
  Status status = Ok{};
  for (std::size_t i = 0; i < files.size() && status; ++i) status = stage(files[i], overwrite, temporary[i]);
  for (std::size_t i = 0; i < files.size() && status; ++i) {
    if (temporary[i].empty()) continue;
    if (::rename(temporary[i].c_str(), files[i].path.c_str()) != 0) status = failed("cannot rename into place", files[i].path);
    else temporary[i].clear(), status = sync_folder_of(files[i].path);
  }
  for (const std::string& left : temporary)
    if (!left.empty()) ::unlink(left.c_str());
  return status;
}

Status write_file(const Path& path, Bytes bytes, bool overwrite) { return write_files({{path, {bytes}}}, overwrite); }

}  // namespace hone
