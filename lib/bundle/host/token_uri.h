// SPDX-License-Identifier: Apache-2.0
// The name of a key on a PKCS#11 token: the part of RFC 7512 that finds a token, a key on it, the module to reach it by, and its PIN.
#pragma once
#include <optional>
#include <string>

#include "lib/base/result.h"

namespace hone {

// An attribute that is not given matches everything.
struct TokenUri {
  std::optional<std::string> token, serial, manufacturer, model;  // of the token
  std::optional<std::string> object, id;                          // of the key: label, and CKA_ID in bytes
  std::string module_path, pin_source;                            // files; empty: not given
  friend bool operator==(const TokenUri&, const TokenUri&) = default;
};

inline bool is_token_uri(std::string_view text) { return text.starts_with("pkcs11:"); }
// Errors: usage, saying what is wrong. A PIN in the URI is refused: other users of the machine could read it.
Result<TokenUri> parse_token_uri(std::string_view text);
std::string print_token_uri(const TokenUri&);

}  // namespace hone
