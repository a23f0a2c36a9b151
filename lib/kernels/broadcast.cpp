// SPDX-License-Identifier: Apache-2.0
#include "lib/kernels/broadcast.h"

#include <algorithm>
#include <cassert>

namespace hone {
namespace {

struct Dim { std::int64_t size, a, b; };

constexpr std::int64_t run_elements = 8192;

}  // namespace

void for_each_run(const BinaryParams& p, ThreadPool& pool, const std::function<void(const Run&)>& one) {
  assert(p.rank >= 0 && p.rank <= 8);
  Dim dims[9] = {{1, 0, 0}};  // outermost first; dims[0] is a place for rank 0
  std::size_t rank = 1;
  for (std::int64_t i = 0; i < p.rank; ++i) {
    const Dim d{p.dims[i], p.a_strides[i], p.b_strides[i]};
    assert(d.size >= 0);
    if (d.size == 0) return;
    Dim& outer = dims[rank - 1];
    if (d.size == 1) continue;
    if (outer.size == 1) outer = d;
    else if (outer.a == d.a * d.size && outer.b == d.b * d.size) outer = {outer.size * d.size, d.a, d.b};
    else dims[rank++] = d;
  }
  const Dim inner = dims[rank - 1];
  const std::int64_t pieces = (inner.size + run_elements - 1) / run_elements;
  std::int64_t outer = 1;
  for (std::size_t i = 0; i + 1 < rank; ++i) outer *= dims[i].size;
  const auto grain = static_cast<std::size_t>(std::max<std::int64_t>(1, run_elements / inner.size));
  pool.parallel(static_cast<std::size_t>(outer * pieces), grain, [&](std::size_t begin, std::size_t end, int) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::int64_t row = static_cast<std::int64_t>(i) / pieces, start = static_cast<std::int64_t>(i) % pieces * run_elements;
      std::int64_t a = start * inner.a, b = start * inner.b, rest = row;
      for (std::size_t d = rank - 1; d-- > 0; rest /= dims[d].size) {
        a += rest % dims[d].size * dims[d].a;
        b += rest % dims[d].size * dims[d].b;
      }
      const std::int64_t n = std::min(run_elements, inner.size - start);
      one({static_cast<std::size_t>(row * inner.size + start), static_cast<std::size_t>(n), a, b, inner.a, inner.b});
    }
  });
}

}  // namespace hone
