// SPDX-License-Identifier: Apache-2.0
// Memory for keys and for what they decrypt: locked, so that it is never swapped; left out of core dumps; wiped when it goes.
#pragma once
#include <span>

#include "lib/base/file.h"

namespace hone {

// Pages of its own, zero at first.
class SecretBytes {
 public:
  // Errors: io, with the limit to raise, when the system does not let this process lock so much.
  static Result<SecretBytes> allocate(std::size_t size);
  SecretBytes() = default;
  SecretBytes(SecretBytes&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), mapped_(std::exchange(other.mapped_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
  }
  ~SecretBytes();
  std::span<std::byte> bytes() { return {data_, size_}; }
  Bytes bytes() const { return {data_, size_}; }
  unsigned char* data() { return reinterpret_cast<unsigned char*>(data_); }
  const unsigned char* data() const { return reinterpret_cast<const unsigned char*>(data_); }
  std::size_t size() const { return size_; }
  void shrink(std::size_t size);  // REQUIRES: size <= this->size()

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0, mapped_ = 0;  // the mapping is whole pages
};
SharedBytes share(SecretBytes);
void wipe(std::span<unsigned char>);  // not left out by the compiler

// The whole file, never in other memory. Refuses a regular file that its group or others may read; a pipe is its writer's business.
Result<SecretBytes> read_secret_file(const Path&, std::size_t limit);

// Before the first secret is read: from here on no core dumps, and no debugger.
void forbid_dumps();
// And, where this process may lock as much as it likes, no page of it is ever swapped. False when it may not: then only SecretBytes are safe from swap.
bool protect_process();
// Does the machine swap at all?
bool has_swap();

}  // namespace hone
