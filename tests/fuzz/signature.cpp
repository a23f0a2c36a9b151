// SPDX-License-Identifier: Apache-2.0
// Signature and key files of minisign's formats, and ustar headers.
#include <cstdlib>

#include "lib/bundle/keys.h"
#include "lib/bundle/signing.h"
#include "lib/bundle/ustar.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto s = parse_signature(text); s && !parse_signature(print_signature(*s, "x"))) std::abort();
  if (const auto k = parse_public_key(text); k && parse_public_key(print_public_key(*k)).value() != *k) std::abort();
  if (!SecretKey::encrypted(text))
    if (const auto k = SecretKey::parse(text); k && !SecretKey::parse(k->print())) std::abort();
  if (size >= ustar_block)
    if (const auto e = parse_ustar_header(as_bytes(text.substr(0, ustar_block))); e && *e && !safe_name((*e)->name)) std::abort();
  return 0;
}
