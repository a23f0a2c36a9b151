// SPDX-License-Identifier: Apache-2.0
// An age header: refused, or one of which every byte means something, so that it is what it was when read from a stream, and opened or not without harm.
#include <cstdlib>

#include "lib/bundle/age.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  static const std::vector<AgeIdentity> identities{*AgeIdentity::parse("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")};
  const Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = AgeHeader::parse(std::string(as_text(bytes)));
  const auto streamed = AgeHeader::read(memory_input("fuzz", bytes));
  if (header && (header->text() != as_text(bytes) || !streamed || streamed->text() != header->text() || header->stanzas().empty())) std::abort();
  if (streamed && !as_text(bytes).starts_with(streamed->text())) std::abort();
  if (header) (void)header->unwrap(identities).has_value();
  return 0;
}
