// SPDX-License-Identifier: Apache-2.0
// The header of an age v1 file (age-encryption.org/v1; docs/bundle.md, section 5): a file key, wrapped for each recipient and authenticated by itself.
// X25519 recipients only; stanzas of other kinds are passed over, as the format wants it.
#pragma once
#include <optional>

#include "lib/bundle/age_keys.h"
#include "lib/bundle/input.h"

namespace hone {

constexpr std::string_view age_version = "age-encryption.org/v1";
constexpr std::size_t age_header_limit = 65536, age_nonce_length = 16;

// Encrypts one file; copies share the locked memory.
class AgeFileKey {
 public:
  static Result<AgeFileKey> generate();
  Bytes bytes() const { return key_->bytes(); }  // 16

 private:
  friend class AgeHeader;
  explicit AgeFileKey(SecretBytes key) : key_(std::make_shared<const SecretBytes>(std::move(key))) {}
  std::shared_ptr<const SecretBytes> key_;
};

struct AgeStanza {
  std::vector<std::string> arguments;  // at least one, of visible ASCII
  std::vector<unsigned char> body;
};

class AgeHeader {
 public:
  // The text from "age-encryption.org/v1" to the end of the line with the MAC, all of it. Errors: untrusted.
  static Result<AgeHeader> parse(std::string text);
  // The header at the front of an input, of whose bytes at most 512 beyond it are read.
  static Result<AgeHeader> read(const Input&);
  static Result<AgeHeader> make(const AgeFileKey&, std::span<const AgeRecipient>);
  const std::string& text() const { return text_; }
  std::span<const AgeStanza> stanzas() const { return stanzas_; }
  // The file key, by the first identity that fits a stanza; the MAC is checked. Nothing if none fits. Errors: untrusted.
  Result<std::optional<AgeFileKey>> unwrap(std::span<const AgeIdentity>) const;
  // Was it made by who knows this file key?
  bool made_with(const AgeFileKey&) const;

 private:
  std::string text_;
  std::vector<AgeStanza> stanzas_;
  std::size_t authenticated_ = 0;  // bytes that the MAC covers: up to and including "---"
  std::array<unsigned char, 32> mac_{};
};

// What may be decrypted here: what these identities open, or, with a grant, the one file that it was made for.
struct Unlock {
  std::vector<AgeIdentity> identities;
  std::optional<AgeHeader> grant;
};
// A grant is a file that holds an age header alone.
Result<AgeHeader> read_grant(const Path&);
// The key of the file whose header this is. Errors: usage (no identity at hand), untrusted (none fits; a grant of another file).
Result<AgeFileKey> unlock(const AgeHeader&, const Unlock&);

// HKDF-SHA-256 (RFC 5869) to 32 bytes.
Result<SecretBytes> age_derive(Bytes secret, Bytes salt, std::string_view info);

}  // namespace hone
