// SPDX-License-Identifier: Apache-2.0
// Keyrings for tests: keys by number, roles of them, signatures by anyone.
#pragma once
#include "lib/bundle/keyring.h"
#include "tests/bundle/helpers.h"

namespace hone {

// Key n of as many as a test wants; 0 is the one that helpers.h signs with.
inline const SecretKey& key(std::size_t n) {
  static std::vector<SecretKey> keys{test_key()};
  keys.reserve(32);
  while (keys.size() <= n) keys.push_back(SecretKey::generate());
  return keys[n];
}

using Numbers = std::vector<std::size_t>;
inline Trust role(const Numbers& numbers, std::size_t threshold = 1) {
  Trust trust{.keys = {}, .threshold = threshold};
  for (const std::size_t n : numbers) trust.keys.push_back(key(n).public_key());
  return trust;
}

struct KeyringWish {
  std::uint64_t counter = 1;
  Trust root, release;
  Numbers signers;
  std::optional<Restart> restart = std::nullopt;
  std::uint64_t created = 0, expires = 0;
  std::string comment = {};  // the signatures' words, when they are to differ from the document
};

inline std::string document_of(const KeyringWish& w) {
  Keyring k;
  k.counter = w.counter;
  k.created = w.created;
  k.expires = w.expires;
  k.root = w.root;
  k.release = w.release;
  k.restart = w.restart;
  return print_keyring(k);
}

inline Buffer keyring_bytes(const std::string& document, const Numbers& signers, const std::string& comment) {
  KeyringFile file{.document = to_buffer(document), .signatures = {}};
  for (const std::size_t n : signers) file.signatures.push_back(print_signature(key(n).sign(file.document, comment), keyring_comment));
  return file.join();
}

inline Buffer make_keyring(const KeyringWish& w) {
  return keyring_bytes(document_of(w), w.signers, w.comment.empty() ? format("hone keyring counter={}", w.counter) : w.comment);
}

}  // namespace hone
