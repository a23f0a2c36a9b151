// SPDX-License-Identifier: Apache-2.0
// manifest.json: whatever is accepted prints and parses to the same again.
#include <cstdlib>

#include "lib/bundle/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto m = hone::parse_manifest({reinterpret_cast<const char*>(data), size});
  if (!m) return 0;
  const std::string text = hone::print_manifest(*m);
  const auto again = hone::parse_manifest(text);
  if (!again || hone::print_manifest(*again) != text) std::abort();
  return 0;
}
