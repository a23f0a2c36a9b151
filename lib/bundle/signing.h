// SPDX-License-Identifier: Apache-2.0
// Secret keys and signing, in minisign's formats. Host only: nothing on the device includes this.
#pragma once
#include <functional>

#include "lib/bundle/keyring.h"

namespace hone {

// Whoever signs: a key out of a file, or a token that keeps its key to itself (pkcs11.h).
struct Signer {
  PublicKey public_key;
  std::function<Result<std::array<unsigned char, 64>>(std::span<const unsigned char>)> ed25519;  // plain Ed25519 of the bytes
};
Result<Signature> sign(const Signer&, Bytes message, std::string trusted_comment);
// Adds a signature to a keyring; false when that key has signed it already.
Result<bool> add_signature(KeyringFile&, const Signer&);

// Wiped when it goes.
class SecretKey {
 public:
  static SecretKey generate();
  // A .key file; `password` opens a scrypt-encrypted one. Errors: invalid (form), untrusted (wrong password).
  static Result<SecretKey> parse(std::string_view text, std::string_view password = {});
  static bool encrypted(std::string_view text);
  std::string print() const;  // unencrypted, as `minisign -G -W` writes it
  // Encrypted with scrypt, by default at minisign's own cost: a second or more, and 1 GiB of memory. Errors: io (not enough memory).
  Result<std::string> print(std::string_view password, std::uint64_t opslimit = UINT64_C(1) << 25, std::uint64_t memlimit = UINT64_C(1) << 30) const;
  PublicKey public_key() const;
  Signer signer() const;
  Signature sign(Bytes message, std::string trusted_comment) const;

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

 private:
  SecretKey() = default;
  std::vector<unsigned char> plain_file() const;
  KeyId id_{};
  std::array<unsigned char, 64> secret_{};  // seed and public key
};

}  // namespace hone
