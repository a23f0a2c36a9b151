// SPDX-License-Identifier: Apache-2.0
// What a model may take of this machine: memory for its tensors, and nodes run. A stranger's file of a hundred bytes can declare any
// amount of either. Set once by a tool; without limit until then.
#pragma once
#include <cstdint>

#include "lib/base/result.h"

namespace hone {

struct Limits {
  std::uint64_t memory_bytes = UINT64_MAX;  // --max-memory
  std::uint64_t steps = UINT64_MAX;         // nodes that one run of the interpreter may execute, those of bodies each time
};
Limits& limits();

// The memory of all tensors alive, mapped ones excepted.
std::uint64_t tensor_bytes();
// An error when `bytes` more would go past the limit.
Status check_memory(std::uint64_t bytes);

}  // namespace hone
