// SPDX-License-Identifier: Apache-2.0
// A plan file: opened or refused, and what opens is written and read again as it was.
#include <cstdio>
#include <cstdlib>

#include "lib/exec/session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hone;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  const auto plan = Plan::open(share({bytes.begin(), bytes.end()}));
  if (!plan) return 0;
  const Plan::Saved saved = plan->save();
  if (const auto again = Plan::open(share(saved.plan), share(saved.weights)); !again) {
    std::fprintf(stderr, "as it was saved: %s\n", again.error().message.c_str());
    std::abort();
  }
  return 0;
}
