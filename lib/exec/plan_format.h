// SPDX-License-Identifier: Apache-2.0
// What the writer and the reader of plans must agree on beside plan.fbs.
// A single file is: "HONEPLAN", the plan's length (u64), zeros up to 64 bytes, the plan, zeros up to a multiple of 64, the weights.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hone {

inline constexpr std::uint32_t plan_version = 1;
inline constexpr std::size_t weight_alignment = 64;
inline constexpr std::string_view single_magic = "HONEPLAN";
inline constexpr std::size_t single_header = 64;
constexpr std::uint64_t single_weights_offset(std::uint64_t plan_bytes) {
  return (single_header + plan_bytes + weight_alignment - 1) / weight_alignment * weight_alignment;
}

}  // namespace hone
