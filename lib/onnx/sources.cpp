// SPDX-License-Identifier: Apache-2.0
// Finding the data of tensors that is not in their messages. A model is a stranger's: it may name files only in its own folder, and what
// is no regular file there (a pipe, a device, a folder) is never waited for or read.
#include <fcntl.h>
#include <linux/openat2.h>
#include <openssl/evp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/base/hash.h"
#include "lib/onnx/onnx.h"
#include "lib/onnx/proto.h"

namespace hone {
namespace {

// `location` as a path relative to the real folder `root` that holds no link any more.
Result<Path> real_location(const Path& root, const std::string& location) {
  const Path path(location);
  if (location.empty() || location.find('\0') != std::string::npos) return invalid("external data: no location given");
  if (path.is_absolute()) return invalid("external data: location '{}' is absolute; it must be relative to the model's folder", location);
  for (const Path& part : path)
    if (part == "..") return invalid("external data: location '{}' leaves the model's folder", location);
  std::error_code error;
  const Path real = std::filesystem::canonical(root / path, error);
  if (error) return io_error("external data '{}': {}", location, error.message());
  const auto [at_root, at_real] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  if (at_root != root.end())
    return invalid("external data: location '{}' is a link out of the model's folder; copy the file it leads to into the folder", location);
  return real.lexically_relative(root);
}

// Opens a path without links below `root`: what has become a link since it was resolved is refused by the kernel (Linux 5.6 and newer).
int open_beneath(const Path& root, const Path& relative) {
  const int folder = ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  int file = static_cast<int>(::syscall(SYS_openat2, folder, relative.c_str(), &how, sizeof how));
  if (file < 0 && (errno == ENOSYS || errno == EPERM)) file = ::openat(folder, relative.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  const int why = errno;
  ::close(folder);
  errno = why;
  return file;
}

std::string sha1_of(Bytes bytes) {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &length, EVP_sha1(), nullptr) != 1) return "";
  return to_hex(Bytes(digest).first(length));
}

}  // namespace

Result<TensorSources::File*> TensorSources::file(const std::string& location) {
  if (const auto it = files_.find(location); it != files_.end()) return &it->second;
  if (folder_.empty()) return invalid("external data in '{}', but the model was not read from a folder", location);
  std::error_code error;
  const Path root = std::filesystem::canonical(folder_, error);
  if (error) return io_error("{}: {}", folder_.string(), error.message());
  TRY(const Path relative, real_location(root, location));
  const int descriptor = open_beneath(root, relative);
  if (descriptor < 0) return io_error("external data '{}': {}", location, std::strerror(errno));
  auto mapped = map_descriptor(descriptor, root / relative);
  ::close(descriptor);
  TRY(SharedBytes bytes, std::move(mapped).in(format("external data '{}'", location)));
  return &files_.emplace(location, File{std::move(bytes), ""}).first->second;
}

Result<SharedBytes> TensorSources::open(const std::string& location, const std::string& sha1) {
  TRY(File* const found, file(location));
  if (sha1.empty()) return found->data;
  if (found->sha1.empty()) found->sha1 = sha1_of(found->data.bytes);
  std::string wanted = sha1;
  for (char& c : wanted) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (wanted != found->sha1)
    return invalid("external data '{}' has SHA-1 {}, but the model says {}: the file was changed or belongs to another model", location, found->sha1, sha1);
  return found->data;
}

Result<TakenData> TensorSources::take(std::uint64_t index) {
  if (index >= taken_.size() || taken_[index].field == 0) return invalid("a tensor uses field {}, which no release of ONNX has", taken_field);
  return std::exchange(taken_[index], {});
}

}  // namespace hone
