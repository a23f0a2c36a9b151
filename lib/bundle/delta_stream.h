// SPDX-License-Identifier: Apache-2.0
// A delta's bytes, front to back; hashed on the way, for the digest at the end. Shared by applying and planning.
#pragma once
#include "lib/bundle/delta.h"

namespace hone {

class Delta::Stream {
 public:
  explicit Stream(Input input) : input_(std::move(input)) {}
  const std::string& name() const { return input_.name; }
  std::uint64_t at() const { return at_; }
  Result<std::vector<std::byte>> take(std::size_t n) {
    std::vector<std::byte> bytes(n);
    CHECK_OK(read_exactly(input_, at_, bytes));
    at_ += n;
    hash_.update(bytes);
    return bytes;
  }
  template <class T> Result<T> get() {
    T value;
    const auto bytes = std::as_writable_bytes(std::span(&value, 1));
    CHECK_OK(read_exactly(input_, at_, bytes));
    at_ += sizeof(T);
    hash_.update(bytes);
    return value;
  }
  Status finish() {
    const Digest expected = hash_.finish();
    Digest found{};
    CHECK_OK(read_exactly(input_, at_, found));
    if (found != expected) return untrusted("{}: the delta's own checksum is wrong: damaged on the way", name());
    at_ += found.size();
    std::byte extra;
    TRY(const std::size_t n, input_.read(at_, std::span(&extra, 1)));
    if (n != 0) return untrusted("{}: bytes after the end of the delta", name());
    return Ok{};
  }

 private:
  Input input_;
  std::uint64_t at_ = 0;
  Sha256 hash_;
};

}  // namespace hone
