// SPDX-License-Identifier: Apache-2.0
// Telling people of keyrings: what one says, and what its signatures, or a bundle's, are worth to whom.
#pragma once
#include "tools/hone/keys.h"
#include "lib/base/times.h"

namespace hone {

inline Json role_json(const Trust& role) {
  Json keys = Json::array();
  for (const PublicKey& key : role.keys) keys.push_back(to_text(key.id));
  return {{"threshold", role.threshold}, {"keys", std::move(keys)}};
}

inline Json describe(const Keyring& k) {
  return {{"counter", k.counter}, {"created", k.created}, {"expires", k.expires}, {"root", role_json(k.root)}, {"release", role_json(k.release)},
          {"restart", k.restart ? Json{{"keyring", k.restart->keyring}, {"counter", k.restart->counter}} : Json(nullptr)}};
}

inline std::string name_of(const Keyring& k) { return k.counter == 0 ? "keys named by hand" : format("keyring {}", k.counter); }

inline void say_keyring(Console& console, const Keyring& k) {
  console.say("keyring {}; created: {}; expires: {}", k.counter, k.created ? print_time(k.created) : "not stated", k.expires ? print_time(k.expires) : "never");
  console.say("root, who may replace it: {} of {}", k.root.threshold, ids_of(k.root.keys));
  console.say("release, who may sign releases: {} of {}", k.release.threshold, ids_of(k.release.keys));
  if (k.restart) console.say("restart: since keyring {}, release counters count as at most {}", k.restart->keyring, k.restart->counter);
}

// hone inspect 2.keyring: what it says, and whether its own root role has signed it.
inline Result<int> inspect_keyring(const Args& args, const Input& input) {
  TRY(const auto bytes, read_keyring_file(input));
  TRY(const KeyringFile file, KeyringFile::split(bytes).in(input.name));
  TRY(const Keyring k, parse_keyring(as_text(file.document)).in(input.name));
  TRY(const auto signatures, parse_signatures(file.signatures, keyring_comment));
  Console& console = args.console();
  say_keyring(console, k);
  Json signers = Json::array();
  for (const Signature& s : signatures) {
    console.say("signed by {}", to_text(s.id));
    signers.push_back(to_text(s.id));
  }
  const auto own = open_keyring(bytes);
  console.say("{}", own ? "good signatures by its own root role" : "NOT to be trusted: " + own.error().message);
  Json json{{"schema", "hone/inspect/1"}, {"kind", "keyring"}};
  json.update(describe(k));
  json["signers"] = std::move(signers);
  json["verified"] = own.has_value();
  CHECK_OK(console.json(json));
  return 0;
}

// The signatures of a document against one role.
struct Verdict {
  struct Row {
    KeyId id{};
    std::string says;  // "counts", "not of this role", ...
  };
  std::vector<Row> rows;
  std::vector<PublicKey> counted;
  std::string missing;  // ids that could still sign, when the threshold is not met
  bool met = false;
};

inline Verdict judge(const Trust& role, std::span<const Signature> signatures, Bytes document) {
  Verdict v;
  for (const Signature& s : signatures) {
    const auto key = std::ranges::find(role.keys, s.id, &PublicKey::id);
    if (key == role.keys.end()) v.rows.push_back({s.id, "not of this role: does not count"});
    else if (const Status good = verify_signature(s, *key, document); !good) v.rows.push_back({s.id, "WRONG: " + good.error().message});
    else if (std::ranges::any_of(v.counted, [&](const PublicKey& k) { return k.id == key->id || k.key == key->key; })) v.rows.push_back({s.id, "signs again: counts once"});
    else v.rows.push_back({s.id, "good: counts"}), v.counted.push_back(*key);
  }
  const bool wrong = std::ranges::any_of(v.rows, [](const Verdict::Row& r) { return r.says.starts_with("WRONG"); });
  v.met = !wrong && !role.keys.empty() && v.counted.size() >= role.threshold;
  std::vector<PublicKey> left;
  for (const PublicKey& key : role.keys)
    if (std::ranges::find(v.counted, key) == v.counted.end()) left.push_back(key);
  if (!v.met) v.missing = ids_of(left);
  return v;
}

// "release role of keyring 2: ..."; one line a signature, then the sum.
inline Json explain(Console& console, const std::string& whose, const Trust& role, const Verdict& v) {
  console.say("{}: {} of these keys must have signed: {}", whose, role.threshold, ids_of(role.keys));
  Json rows = Json::array();
  for (const Verdict::Row& row : v.rows) {
    console.say("  signature by {}: {}", to_text(row.id), row.says);
    rows.push_back({{"key", to_text(row.id)}, {"verdict", row.says}});
  }
  console.say("  {} of {}: {}{}", v.counted.size(), role.threshold, v.met ? "met" : "NOT met", v.missing.empty() ? "" : "; could still sign: " + v.missing);
  return {{"role", whose}, {"threshold", role.threshold}, {"counted", v.counted.size()}, {"met", v.met}, {"signatures", std::move(rows)}};
}

}  // namespace hone
