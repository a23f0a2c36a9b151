// SPDX-License-Identifier: Apache-2.0
// .npy bytes: parsed or refused, and what was parsed survives a round trip.
#include <cstdlib>

#include "lib/data/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const auto t = parse_npy(std::as_bytes(std::span(data, size)), nullptr);
  if (!t) return 0;
  const auto again = parse_npy(make_npy(*t), nullptr);
  if (!again || !identical(*t, *again)) std::abort();
  return 0;
}
