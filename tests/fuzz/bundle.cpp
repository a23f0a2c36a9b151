// SPDX-License-Identifier: Apache-2.0
// A valid bundle with arbitrary edits: read in full only if nothing was changed. Then the input alone, as a bundle and as a frame.
#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/release.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  static const FuzzRelease release = fuzz_release(1);
  const auto read = [&](Bytes bytes) {
    const auto bundle = Bundle::open(memory_input("fuzz", bytes), release.trust);
    return bundle && bundle->read_all(discard());
  };
  const auto check = [&](Bytes bytes) {
    if (read(bytes) != std::ranges::equal(bytes, release.bundle)) std::abort();
  };
  check(edited(release.bundle, data, size));
  const Bytes alone(reinterpret_cast<const std::byte*>(data), size);
  check(alone);
  std::vector<std::byte> plain(4096);
  for (const Codec codec : {Codec::zstd, Codec::planes2, Codec::planes4, Codec::planes8, Codec::rans1, Codec::rans2, Codec::rans4}) (void)decode_block(codec, alone, plain).has_value();
  return 0;
}
