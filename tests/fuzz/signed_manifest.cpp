// SPDX-License-Identifier: Apache-2.0
// Any text as the manifest of a well-signed bundle, over the payload of a valid one: what lies behind the signature is reached. The signature's trusted
// comment is what the text deserves. Nothing but the original's own content may be read in full.
#include <cstdlib>

#include "tests/fuzz/release.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  static const FuzzRelease release = fuzz_release(1);
  static const Bundle original = *Bundle::open(memory_input("original", release.bundle), release.trust);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = parse_manifest(text);
  if (!manifest) return 0;
  const std::string signature = print_signature(release.key.sign(as_bytes(text), manifest->trusted_comment()), signature_comment);
  std::vector<std::byte> bytes = print_front(as_bytes(text), std::span(&signature, 1));
  const std::size_t payload = as_text(release.bundle).find("payload/");
  bytes.insert(bytes.end(), release.bundle.begin() + static_cast<std::ptrdiff_t>(payload), release.bundle.end());
  const auto bundle = Bundle::open(memory_input("fuzz", bytes), release.trust);
  if (!bundle) std::abort();  // it was parsed, and it is signed
  if (!bundle->read_all(discard())) return 0;
  for (const FileEntry& f : original.manifest().files)
    if (const auto content = bundle->file(f.name); !content || *content != *original.file(f.name)) std::abort();
  return 0;
}
