// SPDX-License-Identifier: Apache-2.0
// Secret key files, plain and encrypted (those that ask for little work only), names of keys on tokens, and the store's lists of roles.
#include <cstdlib>

#include "lib/bundle/base64.h"
#include "lib/bundle/host/token_uri.h"
#include "lib/bundle/signing.h"
#include "lib/store/trust.h"

using namespace hone;

// opslimit and memlimit, as they lie in the file.
static bool cheap(std::string_view text) {
  const std::size_t line = text.find('\n');
  if (line == text.npos) return true;
  const std::string_view rest = text.substr(line + 1);
  const auto file = from_base64(rest.substr(0, rest.find('\n')), 158);
  if (!file) return true;
  for (std::size_t i = 38; i < 54; ++i)
    if ((*file)[i] != 0 && i != 38 && i != 39 && i != 46 && i != 47) return false;
  return true;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (cheap(text))
    if (const auto key = SecretKey::parse(text, "pw")) {
      const auto again = SecretKey::parse(key->print());
      if (!again || again->public_key() != key->public_key()) std::abort();
    }
  if (const auto uri = parse_token_uri(text); uri && parse_token_uri(print_token_uri(*uri)).value() != *uri) std::abort();
  if (const auto roles = parse_roles(text)) {
    const auto again = parse_roles(print_roles(*roles));
    if (!again || *again != *roles) std::abort();
  }
  return 0;
}
