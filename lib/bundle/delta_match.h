// SPDX-License-Identifier: Apache-2.0
// Where in the base a block of the new release may have come from: tensors move when one is inserted before them, and blocks may be cut elsewhere. Host only.
#pragma once
#include "lib/bundle/manifest.h"

namespace hone {

// For each block of `target`, offsets in `base` at which the block's length of bytes lies, likeliest first: where blocks of the same lengths stand in
// the same order, then the same offset, then what the neighbours' moves suggest, then the same distance from the end.
std::vector<std::vector<std::uint64_t>> likely_places(const FileEntry& base, const FileEntry& target);

// The base file to compare with: the one of the same name, else of the same length, else null.
const FileEntry* counterpart(const Manifest& base, const FileEntry& target);

}  // namespace hone
