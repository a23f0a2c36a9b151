// SPDX-License-Identifier: Apache-2.0
// Bech32 is BIP 173's, without its limit of 90 characters. Secrets are decoded in locked memory and compared nowhere.
#include "lib/bundle/age_keys.h"

#include <sodium.h>

#include <algorithm>

namespace hone {
namespace {

constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", recipient_prefix = "age", identity_prefix = "age-secret-key-";
constexpr std::size_t key_length = 32, groups = (key_length * 8 + 4) / 5, checksum_length = 6;  // 52 groups of five bits

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::uint32_t polymod_step(std::uint32_t checksum, std::uint32_t value) {
  constexpr std::array<std::uint32_t, 5> generator{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = checksum >> 25;
  checksum = (checksum & 0x1ffffff) << 5 ^ value;
  for (std::size_t i = 0; i < generator.size(); ++i)
    if (top >> i & 1) checksum ^= generator[i];
  return checksum;
}

std::uint32_t begin_checksum(std::string_view prefix) {
  std::uint32_t checksum = 1;
  for (const char c : prefix) checksum = polymod_step(checksum, static_cast<unsigned char>(c) >> 5);
  checksum = polymod_step(checksum, 0);
  for (const char c : prefix) checksum = polymod_step(checksum, static_cast<unsigned char>(c) & 31);
  return checksum;
}

constexpr std::size_t text_length(std::string_view prefix) { return prefix.size() + 1 + groups + checksum_length; }

// The 32 bytes of a text that is all upper or all lower case; false unless it is bech32 of exactly so many, with that prefix.
bool decode(std::string_view text, std::string_view prefix, bool is_upper, unsigned char* out) {
  if (text.size() != text_length(prefix)) return false;
  const auto letter = [&](std::size_t i) { return is_upper ? lower(text[i]) : text[i]; };
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_upper ? text[i] != upper(text[i]) : text[i] != lower(text[i])) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i)
    if (letter(i) != prefix[i]) return false;
  if (text[prefix.size()] != '1') return false;
  std::uint32_t checksum = begin_checksum(prefix), bits = 0, have = 0;
  for (std::size_t i = 0; i < groups + checksum_length; ++i) {
    const std::size_t value = alphabet.find(letter(prefix.size() + 1 + i));
    if (value == alphabet.npos) return false;
    checksum = polymod_step(checksum, static_cast<std::uint32_t>(value));
    if (i >= groups) continue;
    bits = (bits << 5 | static_cast<std::uint32_t>(value)) & 0xfff;
    have += 5;
    if (have < 8) continue;
    have -= 8;
    *out++ = static_cast<unsigned char>(bits >> have);
  }
  return checksum == 1 && (bits & ((1U << have) - 1)) == 0;  // what is left of the last group is zero
}

// REQUIRES: text_length(prefix) bytes at `out`.
void encode(std::string_view prefix, bool is_upper, const unsigned char* key, char* out) {
  const auto put = [&](char c) { *out++ = is_upper ? upper(c) : c; };
  for (const char c : prefix) put(c);
  put('1');
  std::uint32_t checksum = begin_checksum(prefix), bits = 0, have = 0;
  const auto put_group = [&](std::uint32_t value) {
    checksum = polymod_step(checksum, value);
    put(alphabet[value]);
  };
  for (std::size_t i = 0; i < key_length; ++i) {
    bits = (bits << 8 | key[i]) & 0xfff;
    for (have += 8; have >= 5; put_group(bits >> have & 31)) have -= 5;
  }
  put_group(bits << (5 - have) & 31);
  for (std::size_t i = 0; i < checksum_length; ++i) checksum = polymod_step(checksum, 0);
  checksum ^= 1;
  for (std::size_t i = 0; i < checksum_length; ++i) put(alphabet[checksum >> (5 * (checksum_length - 1 - i)) & 31]);
}

// Each line that says something, without what ends it.
template <class F> Status each_line(std::string_view text, const Path& path, F parse) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty() && line[0] != '#') CHECK_OK(parse(line).in(format("{}: line {}", path.string(), number)));
  }
  return Ok{};
}

constexpr std::size_t key_file_limit = 65536, identities_limit = 64;

}  // namespace

Result<AgeRecipient> parse_age_recipient(std::string_view text) {
  AgeRecipient recipient;
  if (decode(text, recipient_prefix, false, recipient.key.data())) return recipient;
  // Only what begins as a recipient does is repeated: anything else may be the identity, given by mistake, and messages end up in logs.
  const std::string shown = text.starts_with("age1") ? format("'{}'", text.substr(0, 80)) : std::string("what is given");
  return usage_error("{} is no X25519 recipient of age: that is 'age1' and 58 characters, as age-keygen prints it ('age-keygen -y FILE' tells it of an identity)", shown);
}

std::string print_age_recipient(const AgeRecipient& recipient) {
  std::string text(text_length(recipient_prefix), '\0');
  encode(recipient_prefix, false, recipient.key.data(), text.data());
  return text;
}

Result<AgeIdentity> AgeIdentity::from(SecretBytes scalar) {
  AgeIdentity identity;
  crypto_scalarmult_curve25519_base(identity.recipient_.key.data(), scalar.data());
  identity.scalar_ = std::make_shared<const SecretBytes>(std::move(scalar));
  return identity;
}

Result<AgeIdentity> AgeIdentity::generate() {
  TRY(SecretBytes scalar, SecretBytes::allocate(key_length));
  randombytes_buf(scalar.data(), scalar.size());
  return from(std::move(scalar));
}

Result<AgeIdentity> AgeIdentity::parse(std::string_view text) {
  TRY(SecretBytes scalar, SecretBytes::allocate(key_length));
  if (!decode(text, identity_prefix, true, scalar.data())) return invalid("no X25519 identity of age: that is 'AGE-SECRET-KEY-1' and 58 characters, as age-keygen writes it");
  return from(std::move(scalar));
}

Result<SecretBytes> AgeIdentity::print() const {
  TRY(SecretBytes text, SecretBytes::allocate(text_length(identity_prefix)));
  encode(identity_prefix, true, scalar(), reinterpret_cast<char*>(text.data()));
  return text;
}

Result<std::vector<AgeIdentity>> read_age_identities(const Path& path) {
  TRY(const SecretBytes text, read_secret_file(path, key_file_limit));
  std::vector<AgeIdentity> identities;
  CHECK_OK(each_line(as_text(text.bytes()), path, [&](std::string_view line) -> Status {
    if (identities.size() == identities_limit) return invalid("more than {} identities", identities_limit);
    TRY(AgeIdentity identity, AgeIdentity::parse(line));
    identities.push_back(std::move(identity));
    return Ok{};
  }));
  if (identities.empty()) return invalid("{}: holds no identity; 'hone keygen --age -o {}' makes one", path.string(), path.string());
  return identities;
}

Result<std::vector<AgeRecipient>> read_age_recipients(const Path& path) {
  TRY(const auto text, read_file(path, key_file_limit));
  std::vector<AgeRecipient> recipients;
  CHECK_OK(each_line(as_text(text), path, [&](std::string_view line) -> Status {
    TRY(recipients.emplace_back(), parse_age_recipient(line));
    return Ok{};
  }));
  if (recipients.empty()) return invalid("{}: holds no recipient", path.string());
  return recipients;
}

}  // namespace hone
