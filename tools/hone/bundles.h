// SPDX-License-Identifier: Apache-2.0
// What the commands about bundles share: keys from options, opening, and describing.
#pragma once
#include <unistd.h>

#include <cstdlib>

#include "lib/bundle/bundle.h"
#include "lib/bundle/signing.h"
#include "tools/cli/command.h"

namespace hone {

constexpr Option pub_option{"--pub", "K.pub...", "a public key to trust; repeat for several"};
constexpr Option threshold_option{"--threshold", "K", "how many different trusted keys must have signed", "1"};

// The keys of --pub. Without any: hashes are checked, signatures are not, and a warning says so.
inline Result<Trust> trust_from(const Args& args) {
  const std::vector<std::string> files = args.list("pub");
  TRY(Trust trust, read_trust(files));
  TRY(const std::int64_t threshold, args.integer("threshold", 1, 8));
  trust.threshold = static_cast<std::size_t>(threshold);
  trust.integrity_only = files.empty();
  if (trust.integrity_only) args.console().warn("no --pub given: hashes are checked, signatures are not");
  return trust;
}

// A .key file, opened with $HONE_KEY_PASSWORD or a password typed at the terminal when it is encrypted.
inline Result<SecretKey> read_secret_key(const std::string& path) {
  TRY(const auto bytes, read_file(path, 4096));
  std::string password;
  if (SecretKey::encrypted(as_text(bytes))) {
    const char* given = std::getenv("HONE_KEY_PASSWORD");
    if (!given && ::isatty(0) == 1) given = ::getpass(format("Password of {}: ", path).c_str());
    if (!given) return usage_error("{}: is encrypted; set HONE_KEY_PASSWORD, or run this on a terminal", path);
    password = given;
  }
  return SecretKey::parse(as_text(bytes), password).in(path);
}

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
