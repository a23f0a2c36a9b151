// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace hone {
namespace {

// read is called until `out` is full or the input ends.
template <class Read> Result<std::size_t> fill(const std::string& name, std::span<std::byte> out, Read read) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = read(out.data() + done, out.size() - done, done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error("{}: cannot read: {}", name, std::strerror(errno));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

// A named pipe may be opened by its reader first. Until somebody has opened it for writing a read would say that it has ended.
void await_writer(int fd) {
  struct pollfd reader{.fd = fd, .events = POLLIN, .revents = 0};
  while (::poll(&reader, 1, -1) < 0 && errno == EINTR) {
  }
}

// A pipe keeps its latest bytes, so that a reader may look one archive header ahead.
struct Pipe {
  static constexpr std::size_t keep = 512;
  std::uint64_t position = 0;
  std::vector<std::byte> tail;
  void remember(Bytes bytes) {
    position += bytes.size();
    const Bytes last = bytes.last(std::min(bytes.size(), keep));
    tail.insert(tail.end(), last.begin(), last.end());
    if (tail.size() > keep) tail.erase(tail.begin(), tail.end() - keep);
  }
};

}  // namespace

Result<Input> open_input(const Path& path) {
  const int fd = path == "-" ? ::dup(0) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return io_error("{}: cannot open: {}", path.string(), std::strerror(errno));
  const std::shared_ptr<const int> owner(new int(fd), [](const int* p) { ::close(*p), delete p; });
  struct stat info{};
  if (::fstat(fd, &info) != 0) return io_error("{}: cannot stat: {}", path.string(), std::strerror(errno));
  if (S_ISDIR(info.st_mode)) return io_error("{}: is a directory, expected a file", path.string());
  if (path != "-") ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  if (S_ISFIFO(info.st_mode)) await_writer(fd);
  const std::string name = path.string();
  if (S_ISREG(info.st_mode) && path != "-")
    return Input{name, [=](std::uint64_t offset, std::span<std::byte> out) {
                   return fill(name, out, [&](std::byte* to, std::size_t n, std::size_t done) { return ::pread(*owner, to, n, static_cast<off_t>(offset + done)); });
                 }};
  const auto pipe = std::make_shared<Pipe>();
  return Input{name, [=](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
                 std::size_t old = 0;
                 if (offset != pipe->position) {
                   if (offset > pipe->position || pipe->position - offset > pipe->tail.size())
                     return usage_error("{}: this needs a file that can be read out of order, not a pipe", name);
                   const Bytes again = Bytes(pipe->tail).last(static_cast<std::size_t>(pipe->position - offset));
                   old = std::min(again.size(), out.size());
                   std::memcpy(out.data(), again.data(), old);
                 }
                 TRY(const std::size_t fresh, fill(name, out.subspan(old), [&](std::byte* to, std::size_t n, std::size_t) { return ::read(*owner, to, n); }));
                 pipe->remember(out.subspan(old, fresh));
                 return old + fresh;
               }};
}

Input memory_input(std::string name, Bytes bytes) {
  return {std::move(name), [bytes](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
            if (offset >= bytes.size() || out.empty()) return std::size_t{0};
            const std::size_t n = std::min<std::size_t>(out.size(), bytes.size() - static_cast<std::size_t>(offset));
            std::memcpy(out.data(), bytes.data() + offset, n);
            return n;
          }};
}

Input slice_input(Input whole, std::uint64_t begin, std::uint64_t length) {
  std::string name = whole.name;
  return {std::move(name), [whole = std::move(whole), begin, length](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
            if (offset >= length) return std::size_t{0};
            return whole.read(begin + offset, out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), length - offset))));
          }};
}

Status read_exactly(const Input& input, std::uint64_t offset, std::span<std::byte> out) {
  TRY(const std::size_t n, input.read(offset, out));
  if (n != out.size())
    return untrusted("{}: ends at byte {}, where {} more are expected: the file is cut short or no bundle", input.name, offset + n, out.size() - n);
  return Ok{};
}

}  // namespace hone
