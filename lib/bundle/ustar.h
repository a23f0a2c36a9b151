// SPDX-License-Identifier: Apache-2.0
// The one form of ustar header that bundles use (docs/bundle.md, section 1). A header is valid only if it is byte for byte what
// ustar_header makes of its name and size, so links, devices, extensions and hidden differences have no place to be.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/result.h"

namespace hone {

constexpr std::size_t ustar_block = 512;
constexpr std::uint64_t ustar_size_limit = UINT64_C(1) << 33;  // eleven octal digits

struct UstarEntry {
  std::string name;
  std::uint64_t size = 0;
};

// Relative, printable ASCII without backslash, no empty, "." or ".." component, at most `limit` bytes.
bool safe_name(std::string_view name, std::size_t limit = 100);
// REQUIRES: safe_name(name), size < ustar_size_limit.
std::array<std::byte, ustar_block> ustar_header(const UstarEntry&);
// Nothing for a block of zeros, which ends an archive. REQUIRES: 512 bytes.
Result<std::optional<UstarEntry>> parse_ustar_header(Bytes block);
// Header, data and padding at the end of `archive`.
void append_entry(std::vector<std::byte>& archive, const std::string& name, Bytes data);
// Zero bytes after `size` bytes of data.
constexpr std::size_t ustar_padding(std::uint64_t size) { return static_cast<std::size_t>((ustar_block - size % ustar_block) % ustar_block); }

}  // namespace hone
