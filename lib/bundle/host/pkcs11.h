// SPDX-License-Identifier: Apache-2.0
// Ed25519 keys on PKCS#11 tokens (smart cards, HSMs, SoftHSM), which sign without ever giving the key away.
#pragma once
#include "lib/bundle/host/token_uri.h"
#include "lib/bundle/signing.h"

namespace hone {

// Asked when a token wants its user's PIN.
using AskPin = std::function<Result<std::string>(std::string_view token)>;
// The one key that the URI names; without module-path by p11-kit, which knows the modules that are installed. `private_half` false: only the
// public key, for which no PIN is asked unless the token hides it. Errors: io (module, token), invalid (no such key, or several), untrusted (PIN).
Result<Signer> open_token_key(const TokenUri&, const AskPin&, bool private_half = true);
// The minisign key id of a token's key: the first 8 bytes of the BLAKE2b-512 of the public key.
KeyId derived_key_id(std::span<const unsigned char, 32> public_key);

}  // namespace hone
