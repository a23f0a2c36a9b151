// SPDX-License-Identifier: Apache-2.0
// Rotary positions: each pair of the first `rotary_embedding_dim` features of a head turns by the angle whose cosine and sine
// the caches hold for the token's position. Pairs are (i, i + half), or (2 i, 2 i + 1) when interleaved.
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {

namespace {

struct Layout {
  std::int64_t batch, heads, length, size, rotated;  // size: features of a head
  bool heads_first;                                  // 4D: (batch, heads, length, size), else (batch, length, heads * size)
  std::int64_t at(std::int64_t b, std::int64_t h, std::int64_t s) const {
    return (heads_first ? (b * heads + h) * length + s : (b * length + s) * heads + h) * size;
  }
};

Result<Layout> layout_of(const Node& node, const Dims& x) {
  if (x.size() != 3 && x.size() != 4) return invalid("X has shape {}, expected 3 or 4 axes", to_string(x));
  const bool four = x.size() == 4;
  const std::int64_t heads = four ? x[1] : node.integer("num_heads");
  if (!four && (heads < 1 || x[2] % heads != 0)) return invalid("num_heads is {} for {} features: X of 3 axes needs a divisor of them", heads, x[2]);
  Layout l{x[0], heads, four ? x[2] : x[1], four ? x[3] : x[2] / heads, node.integer("rotary_embedding_dim"), four};
  if (l.rotated == 0) l.rotated = l.size;
  if (l.rotated < 0 || l.rotated > l.size || l.rotated % 2 != 0)
    return invalid("{} features of a head are to be rotated, expected an even number of at most {}", l.rotated, l.size);
  return l;
}

}  // namespace

static Status infer(InferCall& c) {
  const Shape& x = c.shape(0);
  const bool placed = c.has(3);
  for (const std::size_t i : {1, 2}) {
    CHECK_OK(same_dtype(c, 0, i));
    CHECK_OK(expect_rank(c, i, placed ? 2 : 3, i == 1 ? "cos_cache" : "sin_cache"));
  }
  CHECK_OK(expect_rank(c, 3, 2, "position_ids"));
  if (const auto dims = x.concrete()) {
    TRY(const Layout l, layout_of(c.node, *dims));
    for (const std::size_t i : {1, 2}) {
      const Shape& cache = c.shape(i);
      if (!cache.ranked) continue;
      bool fits = unify(cache.dims.back(), l.rotated / 2).has_value();
      if (!placed) fits = fits && unify(cache.dims[0], l.batch) && unify(cache.dims[1], l.length);
      if (!fits) return invalid("{} has shape {}, expected {}{}", i == 1 ? "cos_cache" : "sin_cache", to_string(cache),
                                placed ? std::string("positions x ") : format("{}x{}x", l.batch, l.length), l.rotated / 2);
    }
    if (c.shape(3).ranked && (!unify(c.shape(3).dims[0], l.batch) || !unify(c.shape(3).dims[1], l.length)))
      return invalid("position_ids has shape {}, expected {}x{}", to_string(c.shape(3)), l.batch, l.length);
  }
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const Layout l, layout_of(c.node, c.in(0).dims()));
  const std::int64_t half = l.rotated / 2, cached = std::min(c.in(1).dims()[0], c.in(2).dims()[0]);
  std::vector<std::int64_t> rows;  // of the caches, for each token
  if (c.has(3))
    for (const std::int64_t position : c.in(3).to_ints()) {
      TRY(const std::int64_t row, normalize_index(position, cached));
      rows.push_back(row);
    }
  else
    for (std::int64_t i = 0; i < l.batch * l.length; ++i) rows.push_back(i);
  const bool interleaved = c.node.integer("interleaved") != 0;
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), cosine(c.in(1)), sine(c.in(2));
    WriteAs<A> out(*y);
    for (std::int64_t b = 0; b < l.batch; ++b)
      for (std::int64_t s = 0; s < l.length; ++s)
        for (std::int64_t h = 0; h < l.heads; ++h) {
          const std::int64_t at = l.at(b, h, s), row = rows[static_cast<std::size_t>(b * l.length + s)] * half;
          for (std::int64_t i = 0; i < half; ++i) {
            const std::int64_t p = at + (interleaved ? 2 * i : i), q = interleaved ? p + 1 : p + half;
            out[p] = cosine[row + i] * x[p] - sine[row + i] * x[q];
            out[q] = sine[row + i] * x[p] + cosine[row + i] * x[q];
          }
          for (std::int64_t i = l.rotated; i < l.size; ++i) out[at + i] = x[at + i];
        }
  });
}
extern const Op rotaryembedding_op{.name = "RotaryEmbedding",
                                   .since = 23,
                                   .inputs = "X: T, cos_cache: T, sin_cache: T, position_ids?: int64",
                                   .outputs = "Y: T",
                                   .attributes = "interleaved: int = 0, num_heads: int, rotary_embedding_dim: int = 0",
                                   .types = "T: float float16 bfloat16",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
