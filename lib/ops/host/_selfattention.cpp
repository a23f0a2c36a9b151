// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_selfattention.h"

#include "lib/ops/host/_ms_attention.h"

namespace hone {
namespace {

// Columns of Q (and K) and of V among those of the weights.
struct Columns {
  std::int64_t q, v;
};
Result<Columns> columns_of(const Node& node, std::int64_t all) {
  const std::int64_t heads = node.integer("num_heads");
  const auto sizes = node.integers("qkv_hidden_sizes");
  if (heads < 1) return invalid("num_heads is {}, expected 1 or more", heads);
  if (!sizes.empty() && (sizes.size() != 3 || sizes[0] != sizes[1]))
    return invalid("qkv_hidden_sizes needs three values, the first two the same");
  const Columns c = sizes.empty() ? Columns{all / 3, all / 3} : Columns{sizes[0], sizes[2]};
  if (c.q < 0 || c.v < 0 || c.q > all || c.v > all || 2 * c.q + c.v != all)
    return invalid("the weights have {} columns, which are not those of Q, K and V", all);
  if (c.q % heads != 0 || c.v % heads != 0) return invalid("{} and {} columns do not divide into {} heads", c.q, c.v, heads);
  return c;
}

Status check_attributes(const Node& node) {
  if (node.integer("do_rotary") != 0)
    return invalid("do_rotary is not supported: the caches of angles it needs are no inputs of this operator");
  if (node.integer("past_present_share_buffer") != 0)
    return invalid("past_present_share_buffer is not supported: export the model without shared buffers");
  return Ok{};
}

}  // namespace

Status infer_self_attention(InferCall& c, SelfAttentionInputs in, DType dtype) {
  CHECK_OK(check_attributes(c.node));
  CHECK_OK(expect_rank(c, 0, 3, "the input"));
  CHECK_OK(expect_rank(c, 1, 2, "the weights"));
  const std::int64_t heads = c.node.integer("num_heads");
  const Shape &x = c.shape(0), &w = c.shape(1), &past = c.shape(in.past);
  Shape y = Shape::unknown(3), present = Shape::unknown(5);
  if (x.ranked && w.ranked) CHECK_OK(unify(x.dims[2], w.dims[0]).in("columns of the input and rows of the weights"));
  if (x.ranked) y.dims[0] = x.dims[0], y.dims[1] = x.dims[1];
  present.dims[0] = 2, present.dims[1] = y.dims[0], present.dims[2] = heads;
  if (w.ranked && w.dims[1].known()) {
    TRY(const Columns columns, columns_of(c.node, w.dims[1].value));
    if (const auto bias = c.shape(in.bias).concrete(); bias && *bias != Dims{w.dims[1].value})
      return invalid("the bias has shape {}, expected {} elements", to_string(*bias), w.dims[1].value);
    if ((c.has(in.past) || c.wants(1)) && columns.q != columns.v) return invalid("past and present need V to have as many columns as K");
    y.dims[2] = columns.v;
    present.dims[4] = columns.v / heads;
  }
  CHECK_OK(expect_rank(c, in.past, 5, "past"));
  if (past.ranked)
    for (const std::size_t i : {0, 1, 2, 4}) CHECK_OK(unify(present.dims[i], past.dims[i]).in(format("axis {} of past", i)));
  present.dims[3] = plus(c.has(in.past) ? (past.ranked ? past.dims[3] : Dim()) : Dim(0), y.dims[1]);
  CHECK_OK(check_mask(c, in.mask, y.dims[0], y.dims[1], present.dims[3]));
  if (in.attention_bias) CHECK_OK(check_attention_bias(c, in.attention_bias, y.dims[0], heads, y.dims[1], present.dims[3]));
  c.set(0, dtype, std::move(y));
  c.set(1, dtype, std::move(present));
  return Ok{};
}

Status run_self_attention(OpCall& c, SelfAttentionInputs in, DType dtype, const float* qkv) {
  const std::int64_t heads = c.node.integer("num_heads"), all = c.in(1).dims()[1], batch = c.in(0).dims()[0], length = c.in(0).dims()[1];
  TRY(const Columns columns, columns_of(c.node, all));
  const std::int64_t h = columns.q / heads, hv = columns.v / heads;
  const ReadAs<float> bias(c.find(in.bias));
  const auto part = [&](std::int64_t first, std::int64_t size) {
    return heads_of_rows(qkv, batch, length, all, heads, size, first, size, bias ? bias.data() + first : nullptr);
  };
  TRY(const Heads q, part(0, h));
  TRY(Heads k, part(columns.q, h));
  TRY(Heads v, part(2 * columns.q, hv));
  std::int64_t past = 0;
  if (c.has(in.past)) {
    past = c.in(in.past).dims()[3];
    Tensor both = c.in(in.past);  // (2, B, N, past, H): keys, then values
    const Heads states = heads_of(both.reshaped({2 * batch, heads, past, h}));
    TRY(Heads past_k, make_heads(batch, heads, past, h));
    Heads past_v = past_k;
    std::copy_n(states.data.data(), count_of(past_k.dims()), past_k.data.data());
    std::copy_n(states.data.data() + count_of(past_k.dims()), count_of(past_k.dims()), past_v.data.data());
    TRY(k, joined(past_k, k));
    TRY(v, joined(past_v, v));
  }
  if (c.wants(1)) {
    WriteAs<float> present(c.make(1, dtype, {2, batch, heads, k.length, h}));
    std::copy_n(k.data.data(), count_of(k.dims()), present.data());
    std::copy_n(v.data.data(), count_of(v.dims()), present.data() + count_of(k.dims()));
  }
  TRY(const std::vector<float> mask,
      mask_scores(c.find(in.mask), {batch, length, k.length, past, c.node.number("mask_filter_value", -10000.0f),
                                    c.node.integer("unidirectional") != 0 && length > 1}));
  const AttentionBias more(in.attention_bias ? c.find(in.attention_bias) : nullptr);
  Scoring how;
  how.scale = c.node.number("scale", 0);
  how.bias = [&](std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t t) {
    return (mask.empty() ? 0 : mask[static_cast<std::size_t>((b * length + s) * k.length + t)]) + (more ? more(b, n, s, t) : 0);
  };
  WriteAs<float> y(c.make(0, dtype, {batch, length, columns.v}));
  attend(q, k, v, how, y.data());
  return Ok{};
}

}  // namespace hone
