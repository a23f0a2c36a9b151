// SPDX-License-Identifier: Apache-2.0
// Best fit, largest first: each buffer goes into the smallest gap that holds it between the buffers already placed that are
// alive with it, or past them all. Greedy by size comes close to the lower bound (the most bytes alive at one step) on networks.
#include "lib/exec/planner.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hone {
namespace {

std::size_t rounded(std::size_t bytes) { return (bytes + arena_alignment - 1) / arena_alignment * arena_alignment; }

std::size_t best_fit(const Buffer& b, const std::vector<const Buffer*>& placed) {  // placed: by offset
  std::size_t end = 0, best = 0, best_gap = SIZE_MAX;
  for (const Buffer* p : placed) {
    if (p->last < b.first || b.last < p->first) continue;
    if (p->offset > end) {
      const std::size_t gap = p->offset - end;
      if (gap >= rounded(b.bytes) && gap < best_gap) best = end, best_gap = gap;
    }
    end = std::max(end, p->offset + rounded(p->bytes));
  }
  return best_gap == SIZE_MAX ? end : best;
}

}  // namespace

std::size_t plan_memory(std::span<Buffer> buffers) {
  std::vector<Buffer*> order;
  for (Buffer& b : buffers) order.push_back(&b);
  std::ranges::stable_sort(order, [](const Buffer* a, const Buffer* b) { return a->bytes > b->bytes; });
  std::vector<const Buffer*> placed;
  std::size_t total = 0;
  for (Buffer* b : order) {
    b->offset = best_fit(*b, placed);
    total = std::max(total, b->offset + rounded(b->bytes));
    placed.insert(std::ranges::upper_bound(placed, b->offset, {}, &Buffer::offset), b);
  }
  return total;
}

}  // namespace hone
