// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/delta_match.h"

#include <algorithm>
#include <optional>

namespace hone {
namespace {

std::vector<std::uint64_t> begins(const FileEntry& file) {
  std::vector<std::uint64_t> out;
  std::uint64_t at = 0;
  for (const Block& b : file.blocks) out.push_back(std::exchange(at, at + b.plain_length));
  return out;
}

// A longest common subsequence of the blocks' lengths: for each target block the base block, or nothing. Too many blocks are not compared.
std::vector<std::optional<std::size_t>> align(const FileEntry& base, const FileEntry& target) {
  const auto &a = target.blocks, &b = base.blocks;
  std::vector<std::optional<std::size_t>> match(a.size());
  if (a.size() * b.size() > 16'000'000) return match;
  const std::size_t width = b.size() + 1;
  std::vector<std::uint16_t> best((a.size() + 1) * width);  // of the suffixes that begin at (i, j)
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t j = b.size(); j-- > 0;)
      best[i * width + j] = a[i].plain_length == b[j].plain_length ? static_cast<std::uint16_t>(best[(i + 1) * width + j + 1] + 1)
                                                                    : std::max(best[(i + 1) * width + j], best[i * width + j + 1]);
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].plain_length == b[j].plain_length) match[i++] = j++;
    else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) ++i;
    else ++j;
  }
  return match;
}

}  // namespace

std::vector<std::vector<std::uint64_t>> likely_places(const FileEntry& base, const FileEntry& target) {
  const auto from = begins(base), to = begins(target);
  const auto match = align(base, target);
  const auto move_of = [&](std::size_t i) { return static_cast<std::int64_t>(from[*match[i]]) - static_cast<std::int64_t>(to[i]); };
  std::vector<std::vector<std::int64_t>> moves(to.size());
  std::int64_t near = 0;  // the move of the nearest match; without one, none
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (match[i]) near = move_of(i), moves[i].push_back(near);
    moves[i].push_back(0);
    moves[i].push_back(near);
  }
  near = 0;
  for (std::size_t i = to.size(); i-- > 0;) {
    if (match[i]) near = move_of(i);
    moves[i].push_back(near);
    moves[i].push_back(static_cast<std::int64_t>(base.length) - static_cast<std::int64_t>(target.length));
  }
  std::vector<std::vector<std::uint64_t>> places(to.size());
  for (std::size_t i = 0; i < to.size(); ++i)
    for (const std::int64_t move : moves[i]) {
      const std::int64_t at = static_cast<std::int64_t>(to[i]) + move;
      const bool inside = at >= 0 && static_cast<std::uint64_t>(at) + target.blocks[i].plain_length <= base.length;
      if (inside && std::ranges::find(places[i], static_cast<std::uint64_t>(at)) == places[i].end()) places[i].push_back(static_cast<std::uint64_t>(at));
    }
  return places;
}

const FileEntry* counterpart(const Manifest& base, const FileEntry& target) {
  if (const FileEntry* same = base.file(target.name)) return same;
  const auto it = std::ranges::find_if(base.files, [&](const FileEntry& f) { return f.length == target.length; });
  return it == base.files.end() ? nullptr : &*it;
}

}  // namespace hone
