// SPDX-License-Identifier: Apache-2.0
#include "lib/bundle/age.h"

#include <sodium.h>

#include <algorithm>

#include "lib/bundle/base64.h"

namespace hone {
namespace {

constexpr std::size_t file_key_length = 16, wrapped_length = file_key_length + crypto_aead_chacha20poly1305_IETF_ABYTES, line_limit = 64;
constexpr std::string_view end_mark = "---", stanza_mark = "-> ", x25519 = "X25519", scrypt = "scrypt", wrap_info = "age-encryption.org/v1/X25519";
constexpr std::array<unsigned char, crypto_aead_chacha20poly1305_IETF_NPUBBYTES> zero_nonce{};
constexpr std::size_t share_length = crypto_scalarmult_curve25519_BYTES;
using Share = std::array<unsigned char, share_length>;

const unsigned char* raw(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

void hmac(Bytes key, std::initializer_list<Bytes> message, unsigned char* out) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, raw(key.data() ? key : as_bytes("")), key.size());  // no salt is a key of no bytes, but not of a null pointer
  for (const Bytes piece : message) crypto_auth_hmacsha256_update(&state, raw(piece), piece.size());
  crypto_auth_hmacsha256_final(&state, out);
  wipe({reinterpret_cast<unsigned char*>(&state), sizeof(state)});
}

Result<std::array<unsigned char, 32>> header_mac(const AgeFileKey& key, std::string_view text) {
  TRY(const SecretBytes mac_key, age_derive(key.bytes(), {}, "header"));
  std::array<unsigned char, 32> mac{};
  hmac(mac_key.bytes(), {as_bytes(text)}, mac.data());
  return mac;
}

// The key that wraps a file key between an ephemeral share and a recipient, from either side's secret. Errors: untrusted for a point of low order.
Result<SecretBytes> wrap_key(const unsigned char* secret, const Share& point, const Share& share, const AgeRecipient& recipient) {
  TRY(SecretBytes shared, SecretBytes::allocate(share_length));
  if (crypto_scalarmult_curve25519(shared.data(), secret, point.data()) != 0 || sodium_is_zero(shared.data(), shared.size()))
    return untrusted("an age header with a share of low order: made to be opened by anyone");
  std::array<unsigned char, 2 * share_length> salt{};
  std::ranges::copy(share, salt.begin());
  std::ranges::copy(recipient.key, salt.begin() + share_length);
  return age_derive(shared.bytes(), std::as_bytes(std::span(salt)), wrap_info);
}

// The stanza of one recipient, with an ephemeral key of its own.
Result<std::string> wrap_for(const AgeRecipient& recipient, Bytes file_key) {
  TRY(SecretBytes ephemeral, SecretBytes::allocate(share_length));
  randombytes_buf(ephemeral.data(), ephemeral.size());
  Share share{};
  crypto_scalarmult_curve25519_base(share.data(), ephemeral.data());
  TRY(const SecretBytes key, wrap_key(ephemeral.data(), recipient.key, share, recipient).in(print_age_recipient(recipient)));
  std::array<unsigned char, wrapped_length> body{};
  crypto_aead_chacha20poly1305_ietf_encrypt(body.data(), nullptr, raw(file_key), file_key.size(), nullptr, 0, nullptr, zero_nonce.data(), key.data());
  return format("{}{} {}\n{}\n", stanza_mark, x25519, to_base64(share, unpadded), to_base64(body, unpadded));
}

// Takes a line, without what ends it, off the front.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::vector<unsigned char>> decode_unpadded(std::string_view text) { return from_base64(text, text.size() * 3 / 4, unpadded); }

std::optional<std::vector<std::string>> split_arguments(std::string_view line) {
  std::vector<std::string> arguments;
  for (;;) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end == 0 || !std::ranges::all_of(line.substr(0, end), [](char c) { return c > 32 && c < 127; })) return std::nullopt;
    arguments.emplace_back(line.substr(0, end));
    if (end == line.size()) return arguments;
    line.remove_prefix(end + 1);
  }
}

// Full lines and a shorter one, which ends it.
std::optional<std::vector<unsigned char>> take_body(std::string_view& text) {
  std::string encoded;
  for (;;) {
    const auto line = take_line(text);
    if (!line || line->size() > line_limit) return std::nullopt;
    encoded += *line;
    if (line->size() < line_limit) return decode_unpadded(encoded);
  }
}

// What a stanza that we understand must look like.
bool well_formed(const AgeStanza& s, std::size_t count) {
  if (s.arguments[0] == scrypt) return count == 1;  // a password is no recipient among others
  if (s.arguments[0] != x25519) return true;
  return s.arguments.size() == 2 && from_base64(s.arguments[1], share_length, unpadded) && s.body.size() == wrapped_length;
}

Result<std::optional<SecretBytes>> unwrap_stanza(const AgeStanza& stanza, const AgeIdentity& identity) {
  Share share{};
  std::ranges::copy(*from_base64(stanza.arguments[1], share_length, unpadded), share.begin());
  TRY(const SecretBytes key, wrap_key(identity.scalar(), share, share, identity.recipient()));
  TRY(SecretBytes file_key, SecretBytes::allocate(file_key_length));
  const int rc = crypto_aead_chacha20poly1305_ietf_decrypt(file_key.data(), nullptr, nullptr, stanza.body.data(), stanza.body.size(), nullptr, 0, zero_nonce.data(), key.data());
  if (rc != 0) return std::optional<SecretBytes>();
  return std::optional<SecretBytes>(std::move(file_key));
}

}  // namespace

Result<SecretBytes> age_derive(Bytes secret, Bytes salt, std::string_view info) {
  TRY(SecretBytes key, SecretBytes::allocate(32));
  std::array<unsigned char, 32> extracted{};
  hmac(salt, {secret}, extracted.data());
  constexpr std::byte counter{1};
  hmac(std::as_bytes(std::span(extracted)), {as_bytes(info), Bytes(&counter, 1)}, key.data());
  wipe(extracted);
  return key;
}

Result<AgeFileKey> AgeFileKey::generate() {
  TRY(SecretBytes key, SecretBytes::allocate(file_key_length));
  randombytes_buf(key.data(), key.size());
  return AgeFileKey(std::move(key));
}

Result<AgeHeader> AgeHeader::parse(std::string whole) {
  AgeHeader header;
  header.text_ = std::move(whole);
  std::string_view text = header.text_;
  const auto bad = [&](std::string_view what) { return untrusted("not an age header: {} at byte {}", what, header.text_.size() - text.size()); };
  if (header.text_.size() > age_header_limit) return bad("it is too long");
  if (take_line(text) != age_version) return bad("the version is unknown");
  while (text.starts_with(stanza_mark)) {
    text.remove_prefix(stanza_mark.size());
    auto arguments = split_arguments(take_line(text).value_or(""));
    auto body = arguments ? take_body(text) : std::nullopt;
    if (!body) return bad("a damaged stanza ends");
    header.stanzas_.push_back({std::move(*arguments), std::move(*body)});
  }
  for (const AgeStanza& s : header.stanzas_)
    if (!well_formed(s, header.stanzas_.size())) return bad(format("an impossible {} stanza", s.arguments[0]));
  if (header.stanzas_.empty()) return bad("no recipient");
  header.authenticated_ = header.text_.size() - text.size() + end_mark.size();
  const auto line = take_line(text);
  if (!line || !line->starts_with("--- ") || !text.empty()) return bad("no end");
  const auto mac = from_base64(line->substr(4), header.mac_.size(), unpadded);
  if (!mac) return bad("a damaged MAC ends");
  std::ranges::copy(*mac, header.mac_.begin());
  return header;
}

Result<AgeHeader> AgeHeader::read(const Input& input) {
  std::string text;
  while (text.size() < age_header_limit) {
    std::array<char, 512> piece{};  // a pipe lets us go back by so much
    TRY(const std::size_t n, input.read(text.size(), std::as_writable_bytes(std::span(piece))));
    text.append(piece.data(), n);
    const std::size_t mark = text.find("\n--- "), end = mark == text.npos ? mark : text.find('\n', mark + 1);
    if (end != text.npos) return parse(text.substr(0, end + 1)).in(input.name);
    if (n == 0 || !text.starts_with(age_version.substr(0, text.size()))) break;
  }
  return untrusted("{}: not an age file, or one whose header is cut short or over {} bytes", input.name, age_header_limit);
}

Result<AgeHeader> AgeHeader::make(const AgeFileKey& file_key, std::span<const AgeRecipient> recipients) {
  assert(!recipients.empty());
  std::string text(age_version);
  text += '\n';
  for (const AgeRecipient& recipient : recipients) {
    TRY(const std::string stanza, wrap_for(recipient, file_key.bytes()));
    text += stanza;
  }
  text += end_mark;
  TRY(const auto mac, header_mac(file_key, text));
  text += format(" {}\n", to_base64(mac, unpadded));
  if (text.size() > age_header_limit) return usage_error("{} recipients are too many for one header of {} bytes; let cohorts share an identity", recipients.size(), age_header_limit);
  return parse(std::move(text));
}

bool AgeHeader::made_with(const AgeFileKey& key) const {
  const auto mac = header_mac(key, std::string_view(text_).substr(0, authenticated_));
  return mac && sodium_memcmp(mac->data(), mac_.data(), mac_.size()) == 0;
}

Result<std::optional<AgeFileKey>> AgeHeader::unwrap(std::span<const AgeIdentity> identities) const {
  for (const AgeIdentity& identity : identities)
    for (const AgeStanza& stanza : stanzas_) {
      if (stanza.arguments[0] != x25519) continue;
      TRY(auto opened, unwrap_stanza(stanza, identity));
      if (!opened) continue;
      const AgeFileKey key(std::move(*opened));
      if (!made_with(key)) return untrusted("the age header was altered: its MAC is wrong");
      return std::optional<AgeFileKey>(key);
    }
  return std::optional<AgeFileKey>();
}

Result<AgeHeader> read_grant(const Path& path) {
  TRY(const auto bytes, read_file(path, age_header_limit));
  return AgeHeader::parse(std::string(as_text(bytes))).in(format("{}: no grant", path.string()));
}

Result<AgeFileKey> unlock(const AgeHeader& header, const Unlock& with) {
  if (with.identities.empty()) return usage_error("it is encrypted; name who may read it with --identity FILE (and --grant FILE, if you were given one)");
  TRY(auto key, (with.grant ? *with.grant : header).unwrap(with.identities));
  if (!key) return untrusted("{} is for others than the {} given here: ask who can open it for a grant ('hone grant')", with.grant ? "the grant" : "it",
                             with.identities.size() == 1 ? "identity" : "identities");
  if (with.grant && !header.made_with(*key)) return untrusted("the grant is for another file than this, or the age header was altered");
  return *key;
}

}  // namespace hone
