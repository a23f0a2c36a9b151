// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/keyring.h"

#include <algorithm>
#include <charconv>

#include "lib/bundle/fields.h"
#include "lib/bundle/release.h"
#include "lib/bundle/ustar.h"

namespace hone {
namespace {

constexpr std::string_view schema = "hone/keyring/1";

Json role_json(const Trust& role) {
  Json keys = Json::array();
  for (const PublicKey& key : role.keys) keys.push_back(key_line(key));
  return {{"threshold", role.threshold}, {"keys", std::move(keys)}};
}

// A key twice, be it under two ids, would count as two signers to a careless reader; here it is refused outright.
Status add_key(Trust& role, const Json& json, const std::string& where) {
  if (!json.is_string()) return invalid("{}: a key must be a string", where);
  const auto& text = json.get_ref<const std::string&>();
  TRY(const PublicKey key, parse_public_key(text).in(where));
  if (key_line(key) != text) return invalid("{}: a key must be the base64 line of its .pub file", where);
  for (const PublicKey& k : role.keys)
    if (k.id == key.id || k.key == key.key) return invalid("{}: key {} is listed twice", where, to_text(key.id));
  role.keys.push_back(key);
  return Ok{};
}

Result<Trust> parse_role(const Json& json, const std::string& where) {
  TRY(auto fields, Fields::of(json, where));
  Trust role;
  TRY(const std::uint64_t threshold, fields.integer("threshold"));
  TRY(const Json* keys, fields.list("keys"));
  CHECK_OK(fields.finish());
  if (keys->size() > role_limit) return invalid("{}: {} keys, at most {} are allowed", where, keys->size(), role_limit);
  for (const Json& key : *keys) CHECK_OK(add_key(role, key, where));
  if (threshold == 0 || threshold > threshold_limit || threshold > role.keys.size())
    return invalid("{}: a threshold of {} with {} keys; it must be 1 to {} and no more than the keys", where, threshold, role.keys.size(), threshold_limit);
  role.threshold = static_cast<std::size_t>(threshold);
  return role;
}

Result<Restart> parse_restart(const Json& json, const Keyring& keyring) {
  TRY(auto fields, Fields::of(json, "restart"));
  Restart restart;
  TRY(restart.keyring, fields.integer("keyring"));
  TRY(restart.counter, fields.integer("counter"));
  CHECK_OK(fields.finish());
  if (restart.keyring == 0 || restart.keyring > keyring.counter) return invalid("restart: 'keyring' must be from 1 to the keyring's own counter");
  return restart;
}

// The signatures say the counter too; whatever they say must be what the document says.
Status check_comments(const std::vector<Signature>& signatures, const Keyring& keyring) {
  for (const Signature& s : signatures)
    if (s.trusted_comment != keyring.trusted_comment())
      return untrusted("the signature is of another keyring: '{}', the document is '{}'", s.trusted_comment, keyring.trusted_comment());
  return Ok{};
}

Result<Keyring> check_own(const KeyringFile& file, const std::vector<Signature>& signatures) {
  auto keyring = parse_keyring(as_text(file.document));
  if (!keyring) return untrusted("{}", keyring.error().message);
  CHECK_OK(check_comments(signatures, *keyring));
  CHECK_OK(check_signatures(keyring->root, signatures, file.document).in("by its own root keys"));
  return keyring;
}

}  // namespace

Keyring Keyring::by_hand(Trust trust) {
  Keyring keyring;
  keyring.root = trust;
  keyring.release = std::move(trust);
  return keyring;
}

std::string Keyring::trusted_comment() const { return format("hone keyring counter={}", counter); }

std::string print_keyring(const Keyring& k) {
  const Json restart = k.restart ? Json{{"keyring", k.restart->keyring}, {"counter", k.restart->counter}} : Json(nullptr);
  const Json json{{"schema", schema},
                  {"counter", k.counter},
                  {"created", k.created},
                  {"expires", k.expires},
                  {"roles", {{"root", role_json(k.root)}, {"release", role_json(k.release)}}},
                  {"restart", restart}};
  return json.dump() + "\n";
}

Result<Keyring> parse_keyring(std::string_view text) {
  if (text.size() > keyring_limit) return invalid("{}: larger than {} bytes", keyring_name, keyring_limit);
  const std::string where(keyring_name);
  TRY(const Json json, parse_json(text).in(where));
  TRY(auto fields, Fields::of(json, where));
  TRY(const std::string made_for, fields.text("schema"));
  if (made_for != schema) return invalid("{}: schema '{}' is not known here (expected '{}'); a newer Hone may have made it", where, made_for, schema);
  Keyring k;
  TRY(k.counter, fields.integer("counter"));
  TRY(k.created, fields.integer("created"));
  TRY(k.expires, fields.integer("expires"));
  TRY(const Json* roles, fields.any("roles"));
  TRY(const Json* restart, fields.any("restart"));
  CHECK_OK(fields.finish());
  if (k.counter == 0) return invalid("{}: the counter starts at 1", where);
  if (k.expires != 0 && k.expires <= k.created) return invalid("{}: expires before it was made", where);
  TRY(auto role, Fields::of(*roles, where + ": roles"));
  TRY(const Json* root, role.any("root"));
  TRY(const Json* release, role.any("release"));
  CHECK_OK(role.finish());
  TRY(k.root, parse_role(*root, where + ": root"));
  TRY(k.release, parse_role(*release, where + ": release"));
  if (!restart->is_null()) {
    TRY(k.restart, parse_restart(*restart, k).in(where));
  }
  return k;
}

std::vector<std::byte> KeyringFile::join() const {
  std::vector<std::byte> out = print_front(document, signatures, keyring_name);
  out.resize(out.size() + 2 * ustar_block);
  return out;
}

// Only what join() makes is a keyring file, to the last byte, so there is nothing else to check here.
Result<KeyringFile> KeyringFile::split(Bytes archive) {
  KeyringFile file;
  std::size_t at = 0;
  for (std::size_t i = 0; i <= keyring_signatures_limit; ++i) {
    if (archive.size() - at < ustar_block) return untrusted("not a Hone keyring: it ends at byte {}", archive.size());
    TRY(const auto entry, parse_ustar_header(archive.subspan(at, ustar_block)));
    if (!entry) break;
    at += ustar_block;
    const std::string expected = i == 0 ? std::string(keyring_name) : signature_name(i - 1, keyring_name);
    if (entry->name != expected) return untrusted("not a Hone keyring: '{}' where '{}' belongs", entry->name, expected);
    if (entry->size > (i == 0 ? keyring_limit : signature_limit) || entry->size + ustar_padding(entry->size) > archive.size() - at)
      return untrusted("not a Hone keyring: '{}' is too long", expected);
    const Bytes data = archive.subspan(at, static_cast<std::size_t>(entry->size));
    at += data.size() + ustar_padding(data.size());
    if (i == 0) file.document.assign(data.begin(), data.end());
    else file.signatures.emplace_back(as_text(data));
  }
  if (file.document.empty() || !std::ranges::equal(file.join(), archive)) return untrusted("not a Hone keyring: it holds bytes that do not belong to it");
  return file;
}

Result<Keyring> open_keyring(Bytes archive) {
  TRY(const KeyringFile file, KeyringFile::split(archive));
  TRY(const auto signatures, parse_signatures(file.signatures, keyring_comment));
  return check_own(file, signatures);
}

Result<Keyring> next_keyring(const Keyring& now, Bytes archive) {
  TRY(const KeyringFile file, KeyringFile::split(archive));
  TRY(const auto signatures, parse_signatures(file.signatures, keyring_comment));
  CHECK_OK(check_signatures(now.root, signatures, file.document).in(format("by the root keys of keyring {}, which is in force", now.counter)));
  TRY(Keyring next, check_own(file, signatures));
  if (next.counter <= now.counter) return untrusted("rollback refused: this is keyring {}, keyring {} is in force", next.counter, now.counter);
  return next;
}

Status check_keyring_name(const Path& file, const Keyring& keyring) {
  const std::string stem = file.stem().string();
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(stem.data(), stem.data() + stem.size(), number);
  const bool numbered = file.extension() == ".keyring" && end == stem.data() + stem.size() && !stem.empty();
  if (numbered && (code != std::errc() || number != keyring.counter)) return untrusted("{}: holds keyring {}", file.string(), keyring.counter);
  return Ok{};
}

}  // namespace hone
