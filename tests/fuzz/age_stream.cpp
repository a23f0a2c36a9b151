// SPDX-License-Identifier: Apache-2.0
// An age file with arbitrary edits, read in order and out of order: only the unchanged one reads to its end, and no wrong byte is ever handed out.
#include <cstdlib>

#include "lib/bundle/age_stream.h"
#include "tests/fuzz/release.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  struct Fixture {
    AgeIdentity identity = *AgeIdentity::generate();
    std::vector<std::byte> plain = std::vector<std::byte>(2 * 65536 + 77), sealed;
    Fixture() {
      for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::byte>(i * i >> 5);
      sealed = *encrypt_age(plain, std::vector{identity.recipient()});
    }
  };
  static const Fixture f;
  const bool alone = size > 0 && data[0] == 'a';  // the input itself, after a good header
  std::vector<std::byte> bytes = alone ? f.sealed : edited(f.sealed, data, size);
  if (alone) {
    bytes.resize(AgeHeader::read(memory_input("f", f.sealed))->text().size());
    bytes.insert(bytes.end(), reinterpret_cast<const std::byte*>(data), reinterpret_cast<const std::byte*>(data) + size);
  }
  const auto input = open_age(memory_input("fuzz", bytes), {.identities = {f.identity}, .grant = {}});
  if (!input) return 0;
  std::vector<std::byte> out(f.plain.size() + 1);
  for (const std::size_t begin : {std::size_t{131072}, std::size_t{65530}, std::size_t{0}}) {
    const auto n = input->read(begin, std::span(out).subspan(begin));
    if (!n) continue;
    if (begin + *n > f.plain.size() || !std::equal(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(begin + *n), f.plain.begin() + static_cast<std::ptrdiff_t>(begin))) std::abort();
    if (begin == 0 && bytes != f.sealed) std::abort();
  }
  return 0;
}
