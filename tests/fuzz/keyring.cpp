// SPDX-License-Identifier: Apache-2.0
// Keyrings: the input as a document that trusted keys have signed, as edits of a valid file, and as a file; only what is whole is accepted.
#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/release.h"

namespace {

using namespace hone;

struct Known {
  SecretKey key = *SecretKey::parse(fuzz_key);
  Keyring now = Keyring::by_hand(Trust{.keys = {key.public_key()}});
  std::vector<std::byte> file;  // a good keyring 1
};

std::vector<std::byte> signed_file(const Known& known, Bytes document, std::uint64_t counter) {
  KeyringFile file{.document = {document.begin(), document.end()}, .signatures = {}};
  file.signatures.push_back(print_signature(known.key.sign(document, format("hone keyring counter={}", counter)), keyring_comment));
  return file.join();
}

const Known& known() {
  static const Known known = [] {
    Known k;
    Keyring first = k.now;
    first.counter = 1;
    first.restart = Restart{1, 3};
    k.file = signed_file(k, as_bytes(print_keyring(first)), 1);
    return k;
  }();
  return known;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const std::byte*>(data), size);
  const Known& k = known();
  if (const auto parsed = parse_keyring(as_text(input))) {
    const auto again = parse_keyring(print_keyring(*parsed));
    if (!again || print_keyring(*again) != print_keyring(*parsed)) std::abort();
    const bool own = std::ranges::find(parsed->root.keys, k.key.public_key()) != parsed->root.keys.end() && parsed->root.threshold == 1;
    const auto next = next_keyring(k.now, signed_file(k, input, parsed->counter));
    if (next.has_value() != (own && size > 0)) std::abort();  // its own root role must have signed as well
  }
  const auto changed = edited(k.file, data, size);
  if (next_keyring(k.now, changed).has_value() != std::ranges::equal(changed, k.file)) std::abort();
  if (const auto file = KeyringFile::split(input); file && !std::ranges::equal(file->join(), input)) std::abort();
  if (open_keyring(input) && !std::ranges::equal(input, k.file) && !as_text(input).starts_with(keyring_name)) std::abort();
  return 0;
}
