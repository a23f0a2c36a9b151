// SPDX-License-Identifier: Apache-2.0
// Public keys and signatures in minisign's formats, and their verification (docs/bundle.md, section 3). Signing is in signing.h, so
// that a device never carries it.
#pragma once
#include <array>
#include <span>
#include <string>
#include <vector>

#include "lib/base/file.h"

namespace hone {

using KeyId = std::array<unsigned char, 8>;
std::string to_text(const KeyId&);  // as minisign prints it: 16 upper-case hexadecimal digits

struct PublicKey {
  KeyId id{};
  std::array<unsigned char, 32> key{};
  friend bool operator==(const PublicKey&, const PublicKey&) = default;
};

struct Signature {
  KeyId id{};
  std::array<unsigned char, 64> signature{}, global{};  // of the message's BLAKE2b-512; of signature and trusted comment
  std::string trusted_comment;
};

// The content of a .pub file, or its base64 line alone. Errors: untrusted.
Result<PublicKey> parse_public_key(std::string_view text);
std::string print_public_key(const PublicKey&);
std::string key_line(const PublicKey&);  // its base64 line, as keyrings list it
Result<PublicKey> read_public_key(const Path&);
// Any untrusted comment. Errors: untrusted.
Result<Signature> parse_signature(std::string_view text);
std::string print_signature(const Signature&, std::string_view untrusted_comment);
// Each exactly as print_signature writes it with that comment. Errors: untrusted.
Result<std::vector<Signature>> parse_signatures(std::span<const std::string> texts, std::string_view untrusted_comment);
// Message and trusted comment. Errors: untrusted, in words.
Status verify_signature(const Signature&, const PublicKey&, Bytes message);

// Whom a device or a person trusts: `threshold` different keys of `keys` must have signed.
struct Trust {
  std::vector<PublicKey> keys;
  std::size_t threshold = 1;
  // Signatures are not checked, hashes are: for host tools that make files which someone with keys checks later. Never on a device.
  bool integrity_only = false;
  friend bool operator==(const Trust&, const Trust&) = default;
};
Result<Trust> read_trust(std::span<const std::string> public_key_files);
// The ids of the trusted keys that signed, in the order of `signatures`. A key counts once, however often listed or signing; a wrong
// signature by a listed key is an error.
Result<std::vector<KeyId>> check_signatures(const Trust&, std::span<const Signature> signatures, Bytes message);

}  // namespace hone
