// SPDX-License-Identifier: Apache-2.0
// What the commands about bundles share: opening and describing them.
#pragma once
#include "lib/bundle/age_stream.h"
#include "lib/bundle/bundle.h"
#include "tools/hone/keys.h"

namespace hone {

constexpr Option identity_option{"--identity", "FILE", "your age identity, for what is encrypted ('hone keygen --age' makes one)"};
constexpr Option grant_option{"--grant", "FILE", "a grant for that identity, as 'hone grant' makes it"};
constexpr Option recipient_option{"--recipient", "age1...", "encrypt for this one; repeat for several"};
constexpr Option recipients_file_option{"--recipients-file", "FILE...", "encrypt for all in this file, one a line"};

inline Result<Unlock> identities_from(const Args& args) {
  Unlock with;
  if (!args.has("identity")) return with;
  protect_process();
  TRY(with.identities, read_age_identities(args.text("identity")));
  return with;
}

inline Result<Unlock> unlock_from(const Args& args) {
  TRY(Unlock with, identities_from(args));
  if (args.has("grant")) {
    TRY(with.grant, read_grant(args.text("grant")));
  }
  return with;
}

inline Result<std::vector<AgeRecipient>> recipients_from(const Args& args) {
  std::vector<AgeRecipient> recipients;
  for (const std::string& text : args.list("recipient")) {
    TRY(recipients.emplace_back(), parse_age_recipient(text).in("--recipient"));
  }
  for (const std::string& path : args.list("recipients-file")) {
    TRY(const auto more, read_age_recipients(path));
    recipients.insert(recipients.end(), more.begin(), more.end());
  }
  return recipients;
}

inline std::string recipients_text(std::size_t n) { return format("{} recipient{}", n, n == 1 ? "" : "s"); }

inline BlockSink discard_blocks() {
  const auto nothing = [](const FileEntry&) -> Status { return Ok{}; };
  return {nothing, [](const FileEntry&, std::uint64_t, Bytes) -> Status { return Ok{}; }, nothing};
}

// Every hash there is: of a locked bundle, that of its encrypted payload.
inline Status check_bundle(const Bundle& bundle) { return bundle.locked() ? bundle.check_sealed() : bundle.read_all(discard_blocks()); }

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
  Json encryption = nullptr;
  if (m.encryption) encryption = {{"stanzas", AgeHeader::parse(m.encryption->header)->stanzas().size()}, {"bytes", m.encryption->length}};
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
          {"encryption", std::move(encryption)},
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
inline Result<bool> is_bundle(const Input& input) {
  constexpr std::string_view start("manifest.json\0", 14);
  std::array<char, start.size()> head{};
  TRY(const std::size_t n, input.read(0, std::as_writable_bytes(std::span(head))));
  return std::string_view(head.data(), n) == start;
}

}  // namespace hone
