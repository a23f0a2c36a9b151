// SPDX-License-Identifier: Apache-2.0
// Attention over projected Q, K and V, each (B, length, N * H). K and V may be heads already, (B, N, length, H), for cross-attention,
// or packed with Q: query (B, S, N, 3, H), or key (B, T, N, 2, H). Past keys and values come before the new ones.
#include "lib/ops/host/_ms_attention.h"

namespace hone {
namespace {

// Where K and V come from.
enum class Form : std::uint8_t { separate, heads, packed_kv, packed_qkv };

struct Sizes {
  Form form = Form::separate;
  Dim batch, queries, keys;  // keys: the new ones
  Dim head, v_head;          // elements of a head
};

Result<Dim> per_head(const Dim& columns, std::int64_t heads, std::string_view what) {
  if (!columns.known()) return Dim();
  if (columns.value % heads != 0) return invalid("{} has {} columns, which do not divide into {} heads", what, columns.value, heads);
  return Dim(columns.value / heads);
}

Status expect_axis(const Shape& s, std::size_t axis, const Dim& wanted, std::string_view what) {
  if (axis >= s.rank()) return invalid("{} has shape {}, which lacks axis {}", what, to_string(s), axis);
  CHECK_OK(unify(s.dims[axis], wanted).in(format("axis {} of {}", axis, what)));
  return Ok{};
}

// REQUIRES: the query's rank is known.
Result<Sizes> sizes_of(const InferCall& c, std::int64_t heads) {
  const Shape &q = c.shape(0), &k = c.shape(1), &v = c.shape(2);
  Sizes s;
  if (q.rank() != 3 && q.rank() != 5) return invalid("query has shape {}, expected (batch, positions, columns)", to_string(q));
  s.batch = q.dims[0], s.queries = q.dims[1];
  if (q.rank() == 5) {
    s.form = Form::packed_qkv, s.keys = q.dims[1], s.head = s.v_head = q.dims[4];
    if (c.has(1) || c.has(2)) return invalid("query has shape {}, which holds key and value, but these are given too", to_string(q));
    CHECK_OK(expect_axis(q, 2, heads, "query"));
    CHECK_OK(expect_axis(q, 3, 3, "query"));
    return s;
  }
  if (!c.has(1)) return invalid("key is left out: packed into query it makes (batch, positions, heads, 3, size)");
  TRY(s.head, per_head(q.dims[2], heads, "query"));
  if (!k.ranked) return s;
  CHECK_OK(expect_axis(k, 0, s.batch, "key"));
  if (k.rank() == 5) {
    s.form = Form::packed_kv, s.keys = k.dims[1], s.v_head = k.dims[4];
    if (c.has(2)) return invalid("key has shape {}, which holds value, but value is given too", to_string(k));
    CHECK_OK(expect_axis(k, 2, heads, "key"));
    CHECK_OK(expect_axis(k, 3, 2, "key"));
    CHECK_OK(expect_axis(k, 4, s.head, "key"));
    return s;
  }
  if (!c.has(2)) return invalid("value is left out");
  if (k.rank() != 3 && k.rank() != 4) return invalid("key has shape {}, expected 3, 4 or 5 axes", to_string(k));
  CHECK_OK(expect_rank(c, 2, k.rank(), "value"));
  s.form = k.rank() == 4 ? Form::heads : Form::separate;
  s.keys = k.dims[k.rank() - 2];
  if (s.form == Form::heads) {
    CHECK_OK(expect_axis(k, 1, heads, "key"));
    CHECK_OK(expect_axis(k, 3, s.head, "key"));
  } else {
    CHECK_OK(expect_axis(k, 2, q.dims[2], "key"));
  }
  if (!v.ranked) return s;
  CHECK_OK(expect_axis(v, 0, s.batch, "value"));
  CHECK_OK(expect_axis(v, v.rank() - 2, s.keys, "value"));
  if (s.form == Form::heads) {
    CHECK_OK(expect_axis(v, 1, heads, "value"));
    s.v_head = v.dims[3];
  } else {
    TRY(s.v_head, per_head(v.dims[2], heads, "value"));
  }
  return s;
}

Status check_past(const InferCall& c, const Sizes& s, std::int64_t heads) {
  if (c.has(6) != c.has(7)) return invalid("past_key and past_value come together");
  for (const std::size_t i : {6, 7}) {
    const Shape& past = c.shape(i);
    CHECK_OK(expect_rank(c, i, 4, i == 6 ? "past_key" : "past_value"));
    if (!past.ranked) continue;
    CHECK_OK(expect_axis(past, 0, s.batch, "the past state"));
    CHECK_OK(expect_axis(past, 1, heads, "the past state"));
    CHECK_OK(expect_axis(past, 3, i == 6 ? s.head : s.v_head, "the past state"));
  }
  if (c.shape(6).ranked && c.shape(7).ranked) CHECK_OK(expect_axis(c.shape(6), 2, c.shape(7).dims[2], "the past state"));
  return Ok{};
}

Status infer(InferCall& c) {
  const std::int64_t heads = c.node.integer("num_heads");
  if (heads < 1) return invalid("num_heads is {}, expected 1 or more", heads);
  if (c.has(8) || c.has(9)) return invalid("past_sequence_length and cache_indirection belong to shared buffers, which are not supported");
  if (!c.shape(0).ranked) {
    for (std::size_t i = 0; i < 4; ++i) c.set(i, c.dtype(0), Shape::unknown(i == 0 ? 3 : 4));
    return Ok{};
  }
  TRY(const Sizes s, sizes_of(c, heads));
  CHECK_OK(check_past(c, s, heads));
  if (s.form == Form::heads && (c.has(3) || c.has(6))) return invalid("key of four axes takes neither bias nor past");
  if (s.form == Form::packed_kv && c.has(3)) return invalid("packed key and value take no bias");
  if (const auto bias = c.shape(3).concrete();
      bias && s.head.known() && s.v_head.known() && *bias != Dims{heads * (2 * s.head.value + s.v_head.value)})
    return invalid("the bias has shape {}, expected {} elements", to_string(*bias), heads * (2 * s.head.value + s.v_head.value));
  const Dim past = c.has(6) ? (c.shape(6).ranked ? c.shape(6).dims[2] : Dim()) : Dim(0), total = plus(past, s.keys);
  CHECK_OK(check_mask(c, 4, s.batch, s.queries, total));
  CHECK_OK(check_attention_bias(c, 5, s.batch, heads, s.queries, total));
  const Dim columns = s.v_head.known() ? Dim(checked_mul(heads, s.v_head.value).value_or(-1)) : Dim();
  c.set(0, c.dtype(0), Shape{s.batch, s.queries, columns});
  c.set(1, c.dtype(0), Shape{s.batch, heads, total, s.head});
  c.set(2, c.dtype(0), Shape{s.batch, heads, total, s.v_head});
  c.set(3, c.dtype(0), Shape{s.batch, heads, s.queries, total});
  return Ok{};
}

struct Qkv {
  Heads q, k, v;
};
Result<Qkv> split(const OpCall& c, std::int64_t heads) {
  const Tensor& query = c.in(0);
  const Dims& d = query.dims();
  const ReadAs<float> q(query), key(c.find(1)), value(c.find(2)), bias(c.find(3));
  const float *qb = bias ? bias.data() : nullptr, *kb = nullptr, *vb = nullptr;
  Qkv out;
  if (d.size() == 5) {
    const std::int64_t h = d[4], width = heads * 3 * h;
    if (qb) kb = qb + heads * h, vb = kb + heads * h;
    TRY(out.q, heads_of_rows(q.data(), d[0], d[1], width, heads, h, 0, 3 * h, qb));
    TRY(out.k, heads_of_rows(q.data(), d[0], d[1], width, heads, h, h, 3 * h, kb));
    TRY(out.v, heads_of_rows(q.data(), d[0], d[1], width, heads, h, 2 * h, 3 * h, vb));
    return out;
  }
  const std::int64_t h = d[2] / heads;
  if (qb) kb = qb + heads * h, vb = kb + heads * h;
  TRY(out.q, heads_of_rows(q.data(), d[0], d[1], d[2], heads, h, 0, h, qb));
  const Dims& kd = c.in(1).dims();
  if (kd.size() == 5) {
    TRY(out.k, heads_of_rows(key.data(), kd[0], kd[1], heads * 2 * h, heads, h, 0, 2 * h));
    TRY(out.v, heads_of_rows(key.data(), kd[0], kd[1], heads * 2 * h, heads, h, h, 2 * h));
  } else if (kd.size() == 4) {
    out.k = heads_of(c.in(1));
    out.v = heads_of(c.in(2));
  } else {
    const std::int64_t width = c.in(2).dims()[2], hv = width / heads;
    TRY(out.k, heads_of_rows(key.data(), kd[0], kd[1], kd[2], heads, h, 0, h, kb));
    TRY(out.v, heads_of_rows(value.data(), kd[0], kd[1], width, heads, hv, 0, hv, vb));
  }
  return out;
}

Status run(OpCall& c) {
  TRY(Tensor* const out, make_by_rule(c));
  const std::int64_t heads = c.node.integer("num_heads");
  TRY(auto qkv, split(c, heads));
  auto& [q, k, v] = qkv;
  const std::int64_t past = c.has(6) ? c.in(6).dims()[2] : 0;
  if (c.has(6)) {
    TRY(k, joined(heads_of(c.in(6)), k));
    TRY(v, joined(heads_of(c.in(7)), v));
  }
  store_heads(c, 1, out->dtype(), k);
  store_heads(c, 2, out->dtype(), v);
  TRY(const std::vector<float> mask,
      mask_scores(c.find(4), {q.batch, q.length, k.length, past, c.node.number("mask_filter_value", -10000.0f),
                              c.node.integer("unidirectional") != 0 && q.length > 1}));
  const AttentionBias more(c.find(5));
  Scoring how;
  how.scale = c.node.number("scale", 0);
  how.bias = [&](std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t t) {
    return (mask.empty() ? 0 : mask[static_cast<std::size_t>((b * q.length + s) * k.length + t)]) + (more ? more(b, n, s, t) : 0);
  };
  std::vector<float> scores;
  if (c.wants(3)) {
    CHECK_OK(check_size(Dims{q.batch, heads, q.length, k.length}));
    scores.resize(static_cast<std::size_t>(q.batch * heads * q.length * k.length) + 1);
    how.scores = scores.data();
  }
  WriteAs<float> y(*out);
  attend(q, k, v, how, y.data());
  if (c.wants(3)) {
    WriteAs<float> qk(c.make(3, out->dtype(), {q.batch, heads, q.length, k.length}));
    std::copy_n(scores.data(), scores.size() - 1, qk.data());
  }
  return Ok{};
}

}  // namespace

extern const Op multiheadattention_op{
    .name = "MultiHeadAttention",
    .domain = "com.microsoft",
    .inputs =
        "query: T, key?: T, value?: T, bias?: T, key_padding_mask?: M, attention_bias?: T, past_key?: T, past_value?: T, "
        "past_sequence_length?: M, cache_indirection?: M",
    .outputs = "output: T, present_key?: T, present_value?: T, qk?: T",
    .attributes = "mask_filter_value: float = -10000, num_heads!: int, scale: float, unidirectional: int = 0",
    .types = "T: float float16 bfloat16; M: int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
