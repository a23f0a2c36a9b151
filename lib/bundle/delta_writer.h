// SPDX-License-Identifier: Apache-2.0
// Making deltas between two bundles, and the new bundle from base and delta. Host only.
#pragma once
#include "lib/bundle/delta.h"

namespace hone {

struct DeltaSummary {
  std::size_t files_unchanged = 0;
  std::array<std::size_t, method_count> blocks{};  // by method
  std::uint64_t changed_bytes = 0;                 // plain bytes of the files that a device writes
};
std::string_view name(DeltaMethod);

Result<std::vector<std::byte>> make_delta(const Bundle& base, const Bundle& target, DeltaSummary* summary = nullptr);
// The new bundle, byte for byte. Needs the zstd that made it (see rebuild_bundle).
Result<std::vector<std::byte>> apply_delta(const Bundle& base, Input delta, const Trust&);

}  // namespace hone
