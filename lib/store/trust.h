// SPDX-License-Identifier: Apache-2.0
// Whom a store trusts: the keyring in force, in the store's file "trusted", and what it still needs of earlier ones (docs/store.md).
#pragma once
#include "lib/bundle/keyring.h"

namespace hone {

struct Pinned {
  Keyring keyring;
  std::vector<std::byte> file;  // the .keyring; empty for keys named by hand
  std::vector<Trust> retired;   // release roles of earlier keyrings, by which releases that are installed were signed

  Pinned(Trust by_hand) : keyring(Keyring::by_hand(std::move(by_hand))) {}
  // Errors: untrusted (not signed by its own root role).
  static Result<Pinned> from_keyring(std::vector<std::byte> file);
  const Trust& releases() const { return keyring.release; }

 private:
  Pinned() = default;
};

// The texts of the files "trusted" (for keys named by hand) and "retired": for each role a line with its threshold, then its keys.
std::string print_roles(std::span<const Trust>);
// Errors: untrusted, for whatever print_roles does not write.
Result<std::vector<Trust>> parse_roles(std::string_view text);

}  // namespace hone
