// SPDX-License-Identifier: Apache-2.0
// Secret keys and signing, in minisign's formats. Host only: nothing on the device includes this.
#pragma once
#include "lib/bundle/keys.h"

namespace hone {

// Wiped when it goes.
class SecretKey {
 public:
  static SecretKey generate();
  // A .key file; `password` opens a scrypt-encrypted one. Errors: invalid (form), untrusted (wrong password).
  static Result<SecretKey> parse(std::string_view text, std::string_view password = {});
  static bool encrypted(std::string_view text);
  std::string print() const;  // unencrypted, as `minisign -G -W` writes it
  PublicKey public_key() const;
  Signature sign(Bytes message, std::string trusted_comment) const;

  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey();

 private:
  SecretKey() = default;
  KeyId id_{};
  std::array<unsigned char, 64> secret_{};  // seed and public key
};

}  // namespace hone
