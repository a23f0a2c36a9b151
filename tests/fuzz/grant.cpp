// SPDX-License-Identifier: Apache-2.0
// A grant with arbitrary edits, or the input as a grant: none but the unchanged one opens the file.
#include <cstdlib>

#include "tests/fuzz/release.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  struct Fixture {
    AgeIdentity identity = *AgeIdentity::generate();
    AgeFileKey key = *AgeFileKey::generate();
    AgeHeader file = *AgeHeader::make(key, std::vector{AgeIdentity::generate()->recipient()}), grant = *AgeHeader::make(key, std::vector{identity.recipient()});
  };
  static const Fixture f;
  const Bytes good = as_bytes(f.grant.text());
  const auto open = [&](Bytes bytes) {
    auto grant = AgeHeader::parse(std::string(as_text(bytes)));
    if (!grant) return;
    const bool opened = unlock(f.file, {.identities = {f.identity}, .grant = std::move(*grant)}).has_value();
    if (opened != std::ranges::equal(bytes, good)) std::abort();
  };
  open(edited({good.begin(), good.end()}, data, size));
  open({reinterpret_cast<const std::byte*>(data), size});
  return 0;
}
