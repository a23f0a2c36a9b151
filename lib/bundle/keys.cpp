// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/keys.h"

#include <sodium.h>

#include <algorithm>

#include "lib/bundle/base64.h"

namespace hone {
namespace {

constexpr std::string_view comment_prefix = "untrusted comment: ", trusted_prefix = "trusted comment: ";

// Takes the text up to the next newline (which the last line may lack).
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

std::string to_text(const KeyId& id) {
  std::uint64_t value = 0;
  for (std::size_t i = id.size(); i-- > 0;) value = value << 8 | id[i];
  return format("{:016X}", value);
}

Result<PublicKey> parse_public_key(std::string_view text) {
  std::string_view line = take_line(text);
  if (line.starts_with(comment_prefix)) line = take_line(text);
  const auto bytes = from_base64(line, 42);
  if (!bytes || !text.empty()) return untrusted("not a public key: expected a comment line and 56 characters of base64, as minisign writes them");
  if ((*bytes)[0] != 'E' || (*bytes)[1] != 'd') return untrusted("not an Ed25519 public key");
  PublicKey key;
  std::copy_n(bytes->begin() + 2, 8, key.id.begin());
  std::copy_n(bytes->begin() + 10, 32, key.key.begin());
  return key;
}

std::string key_line(const PublicKey& key) {
  std::vector<unsigned char> bytes{'E', 'd'};
  bytes.insert(bytes.end(), key.id.begin(), key.id.end());
  bytes.insert(bytes.end(), key.key.begin(), key.key.end());
  return to_base64(bytes);
}

std::string print_public_key(const PublicKey& key) {
  return format("{}minisign public key {}\n{}\n", comment_prefix, to_text(key.id), key_line(key));
}

Result<PublicKey> read_public_key(const Path& path) {
  auto bytes = read_file(path, 4096);
  if (!bytes) return Error{Code::untrusted, "no key to trust: " + bytes.error().message};
  return parse_public_key(as_text(*bytes)).in(path.string());
}

Result<Signature> parse_signature(std::string_view text) {
  const std::string_view untrusted_line = take_line(text), first = take_line(text), trusted_line = take_line(text), second = take_line(text);
  if (!untrusted_line.starts_with(comment_prefix) || !trusted_line.starts_with(trusted_prefix) || !text.empty())
    return untrusted("not a minisign signature: expected a comment, a signature, a trusted comment and a second signature, a line each");
  const auto bytes = from_base64(first, 74), global = from_base64(second, 64);
  if (!bytes || !global) return untrusted("not a minisign signature: its base64 is damaged");
  if ((*bytes)[0] != 'E' || (*bytes)[1] != 'D') return untrusted("a legacy signature; sign with 'hone pack' or a current minisign");
  Signature signature;
  std::copy_n(bytes->begin() + 2, 8, signature.id.begin());
  std::copy_n(bytes->begin() + 10, 64, signature.signature.begin());
  std::copy_n(global->begin(), 64, signature.global.begin());
  signature.trusted_comment = trusted_line.substr(trusted_prefix.size());
  return signature;
}

std::string print_signature(const Signature& signature, std::string_view untrusted_comment) {
  std::vector<unsigned char> bytes{'E', 'D'};
  bytes.insert(bytes.end(), signature.id.begin(), signature.id.end());
  bytes.insert(bytes.end(), signature.signature.begin(), signature.signature.end());
  return format("{}{}\n{}\n{}{}\n{}\n", comment_prefix, untrusted_comment, to_base64(bytes), trusted_prefix, signature.trusted_comment,
                to_base64(signature.global));
}

Result<std::vector<Signature>> parse_signatures(std::span<const std::string> texts, std::string_view untrusted_comment) {
  std::vector<Signature> signatures;
  for (const std::string& text : texts) {
    TRY(Signature signature, parse_signature(text));
    if (print_signature(signature, untrusted_comment) != text) return untrusted("a signature is not in the form that Hone writes; it was altered");
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

Status verify_signature(const Signature& signature, const PublicKey& key, Bytes message) {
  if (signature.id != key.id) return untrusted("signed by key {}, not by {}", to_text(signature.id), to_text(key.id));
  std::array<unsigned char, 64> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(message.data()), message.size(), nullptr, 0);
  if (crypto_sign_verify_detached(signature.signature.data(), hash.data(), hash.size(), key.key.data()) != 0)
    return untrusted("the signature of key {} is wrong: altered after signing, or of another file", to_text(key.id));
  std::vector<unsigned char> covered(signature.signature.begin(), signature.signature.end());
  covered.insert(covered.end(), signature.trusted_comment.begin(), signature.trusted_comment.end());
  if (crypto_sign_verify_detached(signature.global.data(), covered.data(), covered.size(), key.key.data()) != 0)
    return untrusted("the trusted comment of key {}'s signature was altered", to_text(key.id));
  return Ok{};
}

Result<Trust> read_trust(std::span<const std::string> public_key_files) {
  Trust trust;
  for (const std::string& path : public_key_files) {
    TRY(const PublicKey key, read_public_key(path));
    trust.keys.push_back(key);
  }
  return trust;
}

Result<std::vector<KeyId>> check_signatures(const Trust& trust, std::span<const Signature> signatures, Bytes message) {
  std::vector<PublicKey> counted;
  std::vector<KeyId> signers;
  for (const Signature& signature : signatures) {
    const auto key = std::ranges::find(trust.keys, signature.id, &PublicKey::id);
    if (key == trust.keys.end()) continue;
    CHECK_OK(verify_signature(signature, *key, message));
    const bool seen = std::ranges::any_of(counted, [&](const PublicKey& k) { return k.id == key->id || k.key == key->key; });
    if (seen) continue;
    counted.push_back(*key);
    signers.push_back(key->id);
  }
  if (trust.integrity_only) return signers;
  if (trust.keys.empty()) return untrusted("no key is trusted here; name one with --pub");
  if (signatures.empty()) return untrusted("not signed");
  if (signers.empty()) return untrusted("signed by key {}, which is not trusted here", to_text(signatures[0].id));
  if (signers.size() < trust.threshold) return untrusted("signed by {} trusted keys, {} are needed", signers.size(), trust.threshold);
  return signers;
}

}  // namespace hone
