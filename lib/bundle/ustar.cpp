// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/ustar.h"

#include <algorithm>
#include <cassert>

namespace hone {
namespace {

// Offsets in the header: POSIX.1-1988 ustar.
constexpr std::size_t name_at = 0, mode_at = 100, uid_at = 108, gid_at = 116, size_at = 124, mtime_at = 136, checksum_at = 148, type_at = 156, magic_at = 257;
constexpr std::size_t name_length = 100;

using Header = std::array<std::byte, ustar_block>;

void put(Header& header, std::size_t at, std::string_view text) { std::memcpy(header.data() + at, text.data(), text.size()); }

std::string_view kind(char type) {
  switch (type) {
    case '1': return "a hard link";
    case '2': return "a symbolic link";
    case '3': case '4': return "a device";
    case '5': return "a directory";
    case '6': return "a pipe";
    default: return "an extension";
  }
}

// What a hostile name may show of itself in a message.
std::string printable(std::string_view name) {
  std::string text(name);
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

bool safe_name(std::string_view name, std::size_t limit) {
  if (name.empty() || name.size() > limit) return false;
  if (!std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~' && c != '\\'; })) return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

std::array<std::byte, ustar_block> ustar_header(const UstarEntry& entry) {
  assert(safe_name(entry.name) && entry.size < ustar_size_limit);
  Header header{};
  put(header, name_at, entry.name);
  put(header, mode_at, "0000644");
  put(header, uid_at, "0000000");
  put(header, gid_at, "0000000");
  put(header, size_at, format("{:011o}", entry.size));
  put(header, mtime_at, "00000000000");
  put(header, checksum_at, "        ");
  put(header, type_at, "0");
  put(header, magic_at, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const std::byte b : header) sum += std::to_integer<unsigned>(b);
  put(header, checksum_at, format("{:06o}", sum));
  put(header, checksum_at + 6, std::string_view("\0 ", 2));
  return header;
}

Result<std::optional<UstarEntry>> parse_ustar_header(Bytes block) {
  assert(block.size() == ustar_block);
  if (std::ranges::all_of(block, [](std::byte b) { return b == std::byte{0}; })) return std::optional<UstarEntry>{};
  if (as_text(block.subspan(magic_at, 5)) != "ustar") return untrusted("not a Hone bundle, or damaged: no ustar header where one belongs");
  std::string_view name = as_text(block.subspan(name_at, name_length));
  name = name.substr(0, name.find('\0'));
  if (!safe_name(name)) return untrusted("archive entry '{}': a name that is not plain and relative", printable(name));
  const char type = static_cast<char>(block[type_at]);
  if (type != '0') return untrusted("archive entry '{}': is {}; a bundle holds files only", name, kind(type));
  UstarEntry entry{std::string(name), 0};
  for (const char digit : as_text(block.subspan(size_at, 11))) {
    if (digit < '0' || digit > '7') return untrusted("archive entry '{}': its size is not eleven octal digits", name);
    entry.size = entry.size * 8 + static_cast<std::uint64_t>(digit - '0');
  }
  if (const Header expected = ustar_header(entry); !std::ranges::equal(expected, block))
    return untrusted("archive entry '{}': its header is not the one a bundle has; damaged, or packed by another program", name);
  return std::optional(std::move(entry));
}

void append_entry(std::vector<std::byte>& archive, const std::string& name, Bytes data) {
  const Header header = ustar_header({name, data.size()});
  archive.insert(archive.end(), header.begin(), header.end());
  archive.insert(archive.end(), data.begin(), data.end());
  archive.resize(archive.size() + ustar_padding(data.size()));
}

}  // namespace hone
