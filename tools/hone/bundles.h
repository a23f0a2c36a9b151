// SPDX-License-Identifier: Apache-2.0
// What the commands about bundles share: opening and describing them.
#pragma once
#include "lib/bundle/bundle.h"
#include "tools/hone/keys.h"

namespace hone {

inline BlockSink discard_blocks() {
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  return {nothing, [](const FileEntry&, std::uint64_t, Bytes) -> Status { return Ok{}; }, nothing};
}

inline std::size_t block_count(const Manifest& m) {
  std::size_t n = 0;
  for (const FileEntry& f : m.files) n += f.blocks.size();
  return n;
}

inline Json signers_json(const Release& release) {
  Json list = Json::array();
  for (const KeyId& id : release.signers()) list.push_back(to_text(id));
  return list;
}

// What --json says of a release: the manifest without its block table.
inline Json describe(const Release& release) {
  const Manifest& m = release.manifest();
  Json files = Json::array(), histograms = Json::array();
  for (const FileEntry& f : m.files)
    files.push_back({{"name", f.name}, {"bytes", f.length}, {"stored_bytes", f.stored()}, {"blocks", f.blocks.size()}, {"sha256", to_hex(f.sha256)}});
  for (const Reference& r : m.histograms) histograms.push_back(to_json(r));
  return {{"name", m.name},
          {"version", m.version},
          {"counter", m.counter},
          {"floor", m.floor},
          {"created", m.created},
          {"expires", m.expires},
          {"architectures", m.architectures},
          {"minimum_hone", m.minimum_hone},
          {"encoder", m.encoder},
          {"files", std::move(files)},
          {"interface", to_json(m.interface)},
          {"memory", to_json(m.memory)},
          {"golden", m.golden.size()},
          {"histograms", std::move(histograms)},
          {"gate", m.gate},
          {"provenance", m.provenance},
          {"digest", to_hex(release.digest())},
          {"signers", signers_json(release)}};
}

// A bundle by what it begins with, not by its name.
inline Result<bool> is_bundle(const Path& path) {
  if (path == "-") return false;
  TRY(const Input input, open_input(path));
  constexpr std::string_view start("manifest.json\0", 14);
  std::array<char, start.size()> head{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(head))));
  return std::string_view(head.data(), n) == start;
}

}  // namespace hone
