// SPDX-License-Identifier: Apache-2.0
// Rotary position embedding: each pair of elements of a head is turned by its position's angle, whose cosine and sine come from caches.
// input (B, S, N * H) or (B, N, S, H); position_ids (B, S), or (1): the position of the first of consecutive elements.
#include "lib/ops/host/_ms_attention.h"

namespace hone {

namespace {
struct Layout {
  std::int64_t heads, size, rotated;
};
}  // namespace
// With rotary_embedding_dim the head count is an attribute, else the caches tell the size of a head.
static Result<Layout> layout_of(const Node& node, const Dims& x, const Dims& cache) {
  const std::int64_t dim = node.integer("rotary_embedding_dim"), heads = node.integer("num_heads");
  if (dim > 0 && heads < 1) return invalid("rotary_embedding_dim needs num_heads");
  Layout l{};
  if (x.size() == 4) {
    l = {x[1], x[3], 0};
  } else {
    l.size = dim > 0 || heads > 0 ? (x[2] % heads == 0 ? x[2] / heads : 0) : cache[1] * 2;
    if (l.size == 0 || x[2] % l.size != 0) return invalid("{} columns do not divide into heads", x[2]);
    l.heads = x[2] / l.size;
  }
  l.rotated = dim > 0 ? dim : l.size;
  if (l.rotated != cache[1] * 2 || l.rotated > l.size)
    return invalid("cos_cache has {} columns, expected {} (half of the {} rotated elements of a head of {})", cache[1], l.rotated / 2,
                   l.rotated, l.size);
  return l;
}

static Status infer(InferCall& c) {
  const auto x = c.shape(0).concrete(), cache = c.shape(2).concrete(), other = c.shape(3).concrete(), ids = c.shape(1).concrete();
  if (c.shape(0).ranked && c.shape(0).rank() != 3 && c.shape(0).rank() != 4)
    return invalid("the input has shape {}, expected (batch, positions, columns) or (batch, heads, positions, size)",
                   to_string(c.shape(0)));
  CHECK_OK(expect_rank(c, 2, 2, "cos_cache"));
  if (cache && other && *cache != *other) return invalid("cos_cache has shape {}, sin_cache {}", to_string(*cache), to_string(*other));
  if (x && cache) CHECK_OK(layout_of(c.node, *x, *cache));
  if (x && ids) {
    const Dims wanted{(*x)[0], (*x)[x->size() == 4 ? 2 : 1]};
    if (*ids != wanted && count_of(*ids) != 1)
      return invalid("position_ids has shape {}, expected {} or one element", to_string(*ids), to_string(wanted));
  }
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const out, make_by_rule(c));
  const Dims& x = c.in(0).dims();
  TRY(const Layout l, layout_of(c.node, x, c.in(2).dims()));
  const bool interleaved = c.node.integer("interleaved") != 0, heads_first = x.size() == 4;
  const std::int64_t length = x[heads_first ? 2 : 1], rows = c.in(2).dims()[0], half = l.rotated / 2;
  const ReadAs<float> in(c.in(0)), cos(c.in(2)), sin(c.in(3));
  const std::vector<std::int64_t> ids = c.in(1).to_ints();
  const bool each = ids.size() != 1;
  WriteAs<float> y(*out);
  std::copy_n(in.data(), out->count(), y.data());
  for (std::int64_t b = 0; b < x[0]; ++b)
    for (std::int64_t s = 0; s < length; ++s) {
      const std::int64_t position = each ? ids[static_cast<std::size_t>(b * length + s)] : ids[0] + s;
      if (position < 0 || position >= rows) return invalid("position {} is outside the caches of {} rows", position, rows);
      for (std::int64_t n = 0; n < l.heads; ++n) {
        const std::int64_t row = heads_first ? (b * l.heads + n) * length + s : (b * length + s) * l.heads + n;
        rotate(y.data() + row * l.size, l.rotated, cos.data() + position * half, sin.data() + position * half, interleaved);
      }
    }
  return Ok{};
}
extern const Op ms_rotaryembedding_op{
    .name = "RotaryEmbedding",
    .domain = "com.microsoft",
    .inputs = "input: T, position_ids: M, cos_cache: T, sin_cache: T",
    .outputs = "output: T",
    .attributes = "interleaved: int = 0, is_packed_batching: int = 0, num_heads: int = 0, rotary_embedding_dim: int = 0, scale: float = 1",
    .types = "T: float float16 bfloat16; M: int64",
    .infer = infer,
    .reference = run};

}  // namespace hone
