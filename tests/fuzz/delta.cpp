// SPDX-License-Identifier: Apache-2.0
// Plans and applies a valid delta with arbitrary edits, its closing checksum made right again, so that every record's decoder is reached. Whatever is
// accepted must give exactly the signed release.
#include <cstdlib>

#include "tests/fuzz/release.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  struct Fixture {
    FuzzRelease from = fuzz_release(1), to = fuzz_release(2);
    Trust trust{.keys = {from.trust.keys[0], to.trust.keys[0]}};
    Bundle base = *Bundle::open(memory_input("base", from.bundle), trust);
    std::vector<std::byte> delta = *make_delta(base, *Bundle::open(memory_input("target", to.bundle), trust));
  };
  static const Fixture f;
  auto bytes = edited(f.delta, data, size);
  if (bytes.size() > 32) {
    const Digest digest = sha256(Bytes(bytes).first(bytes.size() - 32));
    std::copy(digest.begin(), digest.end(), bytes.end() - 32);
  }
  if (auto delta = Delta::open(memory_input("fuzz", bytes), f.trust, f.base.release())) (void)delta->plan().has_value();
  const auto made = apply_delta(f.base, memory_input("fuzz", bytes), f.trust);
  if (made && *made != f.to.bundle) std::abort();
  return 0;
}
