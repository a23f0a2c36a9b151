// SPDX-License-Identifier: Apache-2.0
// Where untrusted bytes come from: a file, a pipe or memory, read at an offset into our own memory.
#pragma once
#include <functional>
#include <string>

#include "lib/base/file.h"

namespace hone {

struct Input {
  std::string name;  // for messages
  // Reads at `offset`; fewer bytes than asked for mean that the input ends there. Several threads may read at once, but from a pipe.
  std::function<Result<std::size_t>(std::uint64_t offset, std::span<std::byte>)> read;
};

// A regular file, or "-" and other pipes, which can only be read from front to back.
Result<Input> open_input(const Path&);
Input memory_input(std::string name, Bytes);  // the caller keeps the bytes
Input slice_input(Input, std::uint64_t begin, std::uint64_t length);

// All of `out`, or an error that says how many bytes are missing.
Status read_exactly(const Input&, std::uint64_t offset, std::span<std::byte> out);

}  // namespace hone
