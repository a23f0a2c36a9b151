// SPDX-License-Identifier: Apache-2.0
// Memory plans never overlap what is alive, and reuse what died.
#include <gtest/gtest.h>

#include <random>

#include "lib/exec/planner.h"

namespace hone {
namespace {

TEST(Planner, NeverOverlapsWhatIsAlive) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Buffer> buffers(1 + random() % 40);
    for (Buffer& b : buffers) {
      b.bytes = random() % 5000;
      b.first = random() % 30;
      b.last = b.first + random() % 10;
    }
    const std::size_t total = plan_memory(buffers);
    std::size_t most_alive = 0;
    for (std::size_t step = 0; step < 40; ++step) {
      std::size_t alive = 0;
      for (const Buffer& b : buffers)
        if (b.first <= step && step <= b.last) alive += (b.bytes + 63) / 64 * 64;
      most_alive = std::max(most_alive, alive);
    }
    EXPECT_GE(total, most_alive);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(buffers[i].offset % 64, 0u);
      EXPECT_LE(buffers[i].offset + buffers[i].bytes, total);
      for (std::size_t j = 0; j < i; ++j) {
        const Buffer &a = buffers[i], &b = buffers[j];
        const bool together = a.first <= b.last && b.first <= a.last && a.bytes > 0 && b.bytes > 0;
        EXPECT_TRUE(!together || a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset);
      }
    }
  }
}

TEST(Planner, ReusesMemoryThatDied) {
  std::vector<Buffer> chain;
  for (std::size_t i = 0; i < 10; ++i) chain.push_back({1024, i, i + 1});
  EXPECT_EQ(plan_memory(chain), 2048u);
}

}  // namespace
}  // namespace hone
