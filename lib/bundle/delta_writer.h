// SPDX-License-Identifier: Apache-2.0
// Making deltas between two bundles, and the new bundle from base and delta. Host only.
#pragma once
#include "lib/bundle/delta.h"

namespace hone {

// The same bytes whatever the number of threads.
Result<std::vector<std::byte>> make_delta(const Bundle& base, const Bundle& target, int threads = 1);
// The new bundle, byte for byte. Needs the zstd that made it (see rebuild_bundle). With `full`, blocks of a damaged base come from there;
// `with` opens an encrypted release.
Result<std::vector<std::byte>> apply_delta(const Bundle& base, Input delta, const Trust&, DeltaFallback* full = nullptr, const Unlock& with = {});

}  // namespace hone
