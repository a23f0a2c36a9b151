// SPDX-License-Identifier: Apache-2.0
// State records: with their checksum made right, so that every field is reached; what is accepted encodes to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "lib/store/state.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace hone;
  State first;
  first.generation = 1;
  std::array<std::byte, state_length> record = encode_state(first);
  const std::size_t body = state_length - sizeof(Digest);
  for (std::size_t i = 0; i < std::min(size, body); ++i) record[i] ^= static_cast<std::byte>(data[i]);
  const Digest digest = sha256(Bytes(record).first(body));
  std::copy(digest.begin(), digest.end(), record.begin() + static_cast<std::ptrdiff_t>(body));
  const auto state = decode_state(record);
  if (state && encode_state(*state) != record) std::abort();
  return 0;
}
