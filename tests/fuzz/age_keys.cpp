// SPDX-License-Identifier: Apache-2.0
// Recipients and identities: refused, or the only spelling of what they are.
#include <cstdlib>

#include "lib/bundle/age_keys.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto recipient = parse_age_recipient(text);
  if (recipient && print_age_recipient(*recipient) != text) std::abort();
  const auto identity = AgeIdentity::parse(text);
  if (identity && as_text(identity->print()->bytes()) != text) std::abort();
  if (recipient && identity) std::abort();
  return 0;
}
