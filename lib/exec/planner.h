// SPDX-License-Identifier: Apache-2.0
// The memory planner: buffers with sizes and lifetimes get offsets in one arena, so that buffers alive together never overlap.
#pragma once
#include <cstddef>
#include <span>

namespace hone {

struct Buffer {
  std::size_t bytes = 0;
  std::size_t first = 0, last = 0;  // the steps between which it is alive, both included
  std::size_t offset = 0;           // the result
};

inline constexpr std::size_t arena_alignment = 64;

// Sets every offset (a multiple of 64) and returns the arena's size. Deterministic.
std::size_t plan_memory(std::span<Buffer> buffers);

}  // namespace hone
