// SPDX-License-Identifier: Apache-2.0
#include "lib/base/secret.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hone {
namespace {

std::size_t whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return std::max<std::size_t>((size + page - 1) / page, 1) * page;
}

Error cannot_lock(std::size_t size, int code) {
  struct rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  return io_error("cannot lock {} bytes of memory for decrypted data: {}; this process may lock {} bytes in all: raise that (ulimit -l, LimitMEMLOCK= in a systemd unit)", size,
                  std::strerror(code), limit.rlim_cur == RLIM_INFINITY ? "any number of" : fmt::to_string(limit.rlim_cur));
}

struct Fd {
  int fd;
  ~Fd() {
    if (fd >= 0) ::close(fd);
  }
};

// May lock whatever it asks for, now and later: an unlimited RLIMIT_MEMLOCK (the hard one is taken), or CAP_IPC_LOCK, which CapEff says.
bool unlimited_locking() {
  struct rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
    if (limit.rlim_cur == RLIM_INFINITY) return true;
  }
  constexpr std::uint64_t cap_ipc_lock = UINT64_C(1) << 14;
  const auto status = read_file("/proc/self/status", 65536);
  if (!status) return false;
  const std::string_view text = as_text(*status), key = "CapEff:\t";
  const std::size_t at = text.find(key);
  if (at == text.npos) return false;
  return std::strtoull(std::string(text.substr(at + key.size(), 16)).c_str(), nullptr, 16) & cap_ipc_lock;
}

}  // namespace

void wipe(std::span<unsigned char> bytes) { ::explicit_bzero(bytes.data(), bytes.size()); }

Result<SecretBytes> SecretBytes::allocate(std::size_t size) {
  const std::size_t length = whole_pages(size);
  if (length < size) return cannot_lock(size, ENOMEM);
  void* data = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED) return cannot_lock(size, errno);
  SecretBytes secret;
  secret.data_ = static_cast<std::byte*>(data);
  secret.size_ = size;
  secret.mapped_ = length;
  ::madvise(data, length, MADV_DONTDUMP);
  if (::mlock(data, length) != 0) return cannot_lock(size, errno);
  return secret;
}

SecretBytes::~SecretBytes() {
  if (!data_) return;
  ::explicit_bzero(data_, mapped_);
  ::munmap(data_, mapped_);
}

void SecretBytes::shrink(std::size_t size) {
  assert(size <= size_);
  size_ = size;
}

SharedBytes share(SecretBytes secret) {
  const auto owner = std::make_shared<const SecretBytes>(std::move(secret));
  return {owner, owner->bytes()};
}

Result<SecretBytes> read_secret_file(const Path& path, std::size_t limit) {
  const Fd file{path == "-" ? ::dup(0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info{};
  if (file.fd < 0 || ::fstat(file.fd, &info) != 0) return io_error("{}: cannot open: {}", path.string(), std::strerror(errno));
  if (S_ISREG(info.st_mode) && (info.st_mode & 077) != 0)
    return untrusted("{}: others may read this secret (mode {:o}); make it yours alone with 'chmod 600 {}', and think about who has read it", path.string(), info.st_mode & 0777, path.string());
  TRY(SecretBytes secret, SecretBytes::allocate(limit + 1));
  std::size_t used = 0;
  while (used < secret.size()) {
    const ssize_t n = ::read(file.fd, secret.data() + used, secret.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("{}: cannot read: {}", path.string(), std::strerror(errno));
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  if (used > limit) return io_error("{}: larger than the {} bytes allowed here", path.string(), limit);
  secret.shrink(used);
  return secret;
}

void forbid_dumps() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const struct rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
}

bool protect_process() {
  forbid_dumps();
  return unlimited_locking() && ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

bool has_swap() {
  const auto swaps = read_file("/proc/swaps", 65536);  // a line of titles, then one for each
  return swaps && std::ranges::count(as_text(*swaps), '\n') > 1;
}

}  // namespace hone
