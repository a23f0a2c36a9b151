// SPDX-License-Identifier: Apache-2.0
// What a manifest's content must obey: names and blocks in their places; and whom a release suits: this device, and whoever runs what serves now.
#include <algorithm>
#include <charconv>

#include "lib/bundle/age_stream.h"
#include "lib/bundle/manifest.h"
#include "lib/bundle/ustar.h"

namespace hone {
namespace {

Status check_blocks(const FileEntry& file) {
  std::uint64_t offset = 0, plain = 0;
  for (std::size_t i = 0; i < file.blocks.size(); ++i) {
    const Block& b = file.blocks[i];
    if (b.offset != offset) return invalid("file '{}': block {} starts at {}, the one before it ends at {}", file.name, i, b.offset, offset);
    if (b.length == 0 || b.plain_length == 0 || b.plain_length > block_limit) return invalid("file '{}': block {} has an impossible length", file.name, i);
    if (b.length > b.plain_length) return invalid("file '{}': block {} is longer compressed than plain", file.name, i);
    if (b.codec == Codec::raw && (b.length != b.plain_length || b.sha256 != b.plain_sha256))
      return invalid("file '{}': block {} is raw, yet its two lengths or hashes differ", file.name, i);
    offset += b.length;  // cannot overflow: at most 2^22 blocks of 2^20 bytes fit a manifest
    plain += b.plain_length;
  }
  if (plain != file.length) return invalid("file '{}': its blocks hold {} bytes, its length is {}", file.name, plain, file.length);
  if (offset >= ustar_size_limit) return invalid("file '{}': larger than the 8 GiB an archive entry can hold", file.name);
  return Ok{};
}

std::string size_text(std::int64_t n) { return n == Port::any ? "?" : fmt::to_string(n); }
std::string shape_text(const Port& p) {
  if (!p.shape) return "any shape";
  std::string text;
  for (const std::int64_t n : *p.shape) text += (text.empty() ? "" : "x") + size_text(n);
  return text.empty() ? "a scalar" : text;
}
std::string text(const Port& p) { return format("{} {}", name(p.dtype), shape_text(p)); }

// Is every shape that `narrow` allows allowed by `wide`?
bool contains(const Port& wide, const Port& narrow) {
  if (!wide.shape || !narrow.shape) return !wide.shape;
  return std::ranges::equal(*wide.shape, *narrow.shape, [](std::int64_t w, std::int64_t n) { return w == Port::any || w == n; });
}

}  // namespace

// "1.2.3" as three numbers, or nothing.
std::optional<std::array<unsigned, 3>> parse_version(std::string_view text) {
  std::array<unsigned, 3> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto [next, code] = std::from_chars(at, end, numbers[i]);
    if (code != std::errc() || (i < 2 ? next == end || *next != '.' : next != end)) return std::nullopt;
    at = next + 1;
  }
  return numbers;
}

bool plain_word(std::string_view text, bool plus) {
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || (plus && c == '+');
  };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, fits);
}

Status check_files(const std::vector<FileEntry>& files) {
  const FileEntry* before = nullptr;
  for (const FileEntry& file : files) {
    if (!safe_name(file.name, name_limit)) return untrusted("a file name that is not plain and relative, or longer than {} bytes", name_limit);
    if (before && before->name >= file.name) return untrusted("file '{}': twice, or out of order", file.name);
    CHECK_OK(check_blocks(file));
    before = &file;
  }
  for (const FileEntry& file : files) {
    const std::string directory = file.name + "/";
    const auto inside = std::ranges::lower_bound(files, directory, {}, &FileEntry::name);
    if (inside != files.end() && inside->name.starts_with(directory)) return untrusted("file '{}': is also the directory of another", file.name);
  }
  return Ok{};
}

Status check_encryption(const Manifest& m) {
  const Encryption& e = *m.encryption;
  CHECK_OK(AgeHeader::parse(e.header).in("encryption"));
  if (e.length != e.header.size() + age_payload_length(m.archive_length())) return invalid("encryption: the length is not what these files need");
  if (e.length >= ustar_size_limit) return invalid("encryption: larger than the 8 GiB an archive entry can hold");
  return Ok{};
}

Status check_target(const Manifest& m, std::string_view architecture, std::string_view hone_version) {
  if (!m.architectures.empty() && std::ranges::find(m.architectures, architecture) == m.architectures.end())
    return invalid("{} {} is for {}, this is {}", m.name, m.version, fmt::to_string(fmt::join(m.architectures, ", ")), architecture);
  const auto have = parse_version(hone_version), need = parse_version(m.minimum_hone);
  if (!have || !need || *have < *need) return invalid("{} {} needs Hone {} or newer, this is {}", m.name, m.version, m.minimum_hone, hone_version);
  return Ok{};
}

// What fed the old release can feed the new one, and what read its outputs can read the new ones.
Status check_interface(const Manifest& candidate, const Manifest& serving) {
  const Interface &now = serving.interface, &next = candidate.interface;
  if (now.empty()) return Ok{};
  const auto refused = [&](const std::string& why) {
    return invalid("{} {} does not fit what runs here: {}; {} {} serves", candidate.name, candidate.version, why, serving.name, serving.version);
  };
  if (next.inputs.size() != now.inputs.size()) return refused(format("it takes {} inputs instead of {}", next.inputs.size(), now.inputs.size()));
  if (next.outputs.size() < now.outputs.size()) return refused(format("it gives {} outputs instead of {}", next.outputs.size(), now.outputs.size()));
  const auto differs = [&](std::string_view what, const Port& was, const Port& is) {
    return refused(format("{} '{}' ({}) instead of '{}' ({})", what, is.name, text(is), was.name, text(was)));
  };
  for (std::size_t i = 0; i < now.inputs.size(); ++i)
    if (const Port &was = now.inputs[i], &is = next.inputs[i]; was.name != is.name || was.dtype != is.dtype || !contains(is, was)) return differs("input", was, is);
  for (std::size_t i = 0; i < now.outputs.size(); ++i)
    if (const Port &was = now.outputs[i], &is = next.outputs[i]; was.name != is.name || was.dtype != is.dtype || !contains(was, is)) return differs("output", was, is);
  return Ok{};
}

}  // namespace hone
