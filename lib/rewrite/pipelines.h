// SPDX-License-Identifier: Apache-2.0
// The named lists of passes, in the order in which they run, and why in that order.
#pragma once
#include <span>
#include <string_view>

namespace hone {

struct Pipeline {
  std::string_view name, help;
  std::span<const std::string_view> passes;
};
std::span<const Pipeline> all_pipelines();

}  // namespace hone
