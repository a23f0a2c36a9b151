// SPDX-License-Identifier: Apache-2.0
// Whom a device trusts, as a signed document with a counter of its own, so that keys can be replaced (docs/bundle.md, section 3).
#pragma once
#include <optional>

#include "lib/bundle/keys.h"

namespace hone {

constexpr std::uint64_t keyring_limit = UINT64_C(64) << 10;  // of keyring.json
constexpr std::size_t role_limit = 16;                       // keys of a role
constexpr std::size_t threshold_limit = 8;
constexpr std::size_t keyring_signatures_limit = 16;         // the old root role and the new one, each up to its threshold
constexpr std::string_view keyring_name = "keyring.json";
constexpr std::string_view keyring_comment = "signature of a Hone keyring";

// "Since keyring `keyring`, the release counter of a device counts as at most `counter`": the way back when stolen keys ran it up. Each
// device obeys once; later keyrings repeat it for those that missed it.
struct Restart {
  std::uint64_t keyring = 0, counter = 0;
  friend bool operator==(const Restart&, const Restart&) = default;
};

struct Keyring {
  std::uint64_t counter = 0;               // 0: keys that somebody named by hand; they have no file
  std::uint64_t created = 0, expires = 0;  // seconds since 1970; expires 0: never
  Trust root, release;                     // who may replace the keyring; who may sign releases
  std::optional<Restart> restart;

  static Keyring by_hand(Trust);  // both roles are these keys
  std::string trusted_comment() const;
};

std::string print_keyring(const Keyring&);
Result<Keyring> parse_keyring(std::string_view json);

// A .keyring file taken apart; nothing is checked but its form.
struct KeyringFile {
  std::vector<std::byte> document;  // keyring.json
  std::vector<std::string> signatures;
  static Result<KeyringFile> split(Bytes archive);
  std::vector<std::byte> join() const;
};

// Signed by the threshold of its own root role: a keyring to begin with. Errors: untrusted.
Result<Keyring> open_keyring(Bytes archive);
// A keyring to follow `now`: a higher counter, signed by the root role of `now` and by its own. Errors: untrusted.
Result<Keyring> next_keyring(const Keyring& now, Bytes archive);
// A file called 7.keyring must hold keyring 7.
Status check_keyring_name(const Path& file, const Keyring&);

}  // namespace hone
