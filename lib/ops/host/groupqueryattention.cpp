// SPDX-License-Identifier: Apache-2.0
// Causal attention in which several query heads share a key and value head, with a cache of past keys and values (B, heads, length, H).
// seqlens_k holds the number of keys of each sequence less one. A cache longer than the sequence is filled in place, so that past and
// present are equally long; new keys go behind the sequence's past ones. Rotary embedding, a window, soft capping, sinks are optional.
#include <cmath>
#include <limits>

#include "lib/ops/host/_ms_attention.h"

namespace hone {
namespace {

struct Sizes {
  std::int64_t heads, kv_heads;
  bool packed;
  Dim batch, length, head;  // length: new positions
};

Status check_attributes(const InferCall& c) {
  const Node& n = c.node;
  const std::int64_t heads = n.integer("num_heads"), kv = n.integer("kv_num_heads");
  if (heads < 1 || kv < 1 || heads % kv != 0) return invalid("num_heads {} is no multiple of kv_num_heads {}", heads, kv);
  if (n.text("k_quant_type", "NONE") != "NONE" || n.text("v_quant_type", "NONE") != "NONE" || c.has(12) || c.has(13))
    return invalid("a quantized cache of keys and values is not supported; export the model with one in floating point");
  if (n.integer("sliding_window_cache") != 0) return invalid("sliding_window_cache is not supported; export the model with a whole cache");
  if (c.has(14) != c.has(15)) return invalid("q_norm_weight and k_norm_weight come together");
  const std::int64_t window = n.integer("local_window_size", -1), qk = n.integer("qk_output");
  if (window != -1 && (window < 1 || n.integer("causal", 1) == 0))
    return invalid("local_window_size is {}, expected -1, or more than 0 and causal", window);
  if (qk < 0 || qk > 2) return invalid("qk_output is {}, expected 0, 1 or 2", qk);
  if (qk == 0 && n.output(3)) return invalid("output_qk is asked for, but qk_output is 0 (none): set it to 1 (before the softmax) or 2 (after)");
  if (n.integer("do_rotary") != 0 && (!c.has(7) || !c.has(8))) return invalid("do_rotary needs cos_cache and sin_cache");
  return Ok{};
}

Result<Sizes> sizes_of(const InferCall& c) {
  const Shape &q = c.shape(0), &k = c.shape(1), &v = c.shape(2);
  Sizes s{c.node.integer("num_heads"), c.node.integer("kv_num_heads"), !c.has(1), {}, {}, {}};
  if (c.has(1) != c.has(2)) return invalid("key and value come together");
  for (const std::size_t i : {0, 1, 2}) CHECK_OK(expect_rank(c, i, 3, i == 0 ? "query" : i == 1 ? "key" : "value"));
  if (!q.ranked) return s;
  s.batch = q.dims[0], s.length = q.dims[1];
  const std::int64_t all = s.packed ? s.heads + 2 * s.kv_heads : s.heads;
  if (q.dims[2].known()) {
    if (q.dims[2].value % all != 0 || q.dims[2].value == 0)
      return invalid("query has {} columns, which do not divide into {} heads", q.dims[2].value, all);
    s.head = q.dims[2].value / all;
  }
  for (const Shape* t : {&k, &v}) {
    if (!t->ranked) continue;
    CHECK_OK(unify(t->dims[0], s.batch).in("batch of query and key"));
    CHECK_OK(unify(t->dims[1], s.length).in("positions of query and key"));
    if (s.head.known()) CHECK_OK(unify(t->dims[2], checked_mul(s.head.value, s.kv_heads).value_or(-1)).in("columns of key or value"));
  }
  return s;
}

Status check_inputs(const InferCall& c, const Sizes& s) {
  if (c.has(3) != c.has(4)) return invalid("past_key and past_value come together");
  for (const std::size_t i : {3, 4}) {
    const Shape& past = c.shape(i);
    CHECK_OK(expect_rank(c, i, 4, "a past state"));
    if (!past.ranked) continue;
    CHECK_OK(unify(past.dims[0], s.batch).in("batch of a past state"));
    CHECK_OK(unify(past.dims[1], s.kv_heads).in("heads of a past state"));
    CHECK_OK(unify(past.dims[3], s.head).in("head size of a past state"));
  }
  if (c.shape(3).ranked && c.shape(4).ranked) CHECK_OK(unify(c.shape(3).dims[2], c.shape(4).dims[2]).in("length of the past states"));
  if (const auto dims = c.shape(5).concrete(); dims && s.batch.known() && count_of(*dims) != s.batch.value)
    return invalid("seqlens_k has shape {}, expected {} (one for each sequence)", to_string(*dims), s.batch.value);
  if (const auto dims = c.shape(6).concrete(); dims && count_of(*dims) != 1)
    return invalid("total_sequence_length has shape {}, expected a scalar", to_string(*dims));
  for (const std::size_t i : {7, 8}) CHECK_OK(expect_rank(c, i, 2, i == 7 ? "cos_cache" : "sin_cache"));
  const auto cos = c.shape(7).concrete(), sin = c.shape(8).concrete();
  if (cos && sin && *cos != *sin) return invalid("cos_cache has shape {}, sin_cache {}", to_string(*cos), to_string(*sin));
  if (cos && s.head.known() && (*cos)[1] * 2 > s.head.value)
    return invalid("cos_cache has {} columns, more than half of a head of {}", (*cos)[1], s.head.value);
  if (const auto dims = c.shape(9).concrete(); dims && s.batch.known() && s.length.known() && *dims != Dims{s.batch.value, s.length.value})
    return invalid("position_ids has shape {}, expected {}x{}", to_string(*dims), s.batch.value, s.length.value);
  CHECK_OK(check_attention_bias(c, 10, s.batch, s.heads, s.length, Dim()));
  if (const auto dims = c.shape(11).concrete(); dims && *dims != Dims{s.heads})
    return invalid("head_sink has shape {}, expected {} heads", to_string(*dims), s.heads);
  for (const std::size_t i : {14, 15})
    if (const auto dims = c.shape(i).concrete(); dims && s.head.known() && *dims != Dims{s.head.value})
      return invalid("a norm's weight has shape {}, expected {} elements", to_string(*dims), s.head.value);
  return Ok{};
}

// The length of the present states: that of the cache, or of the longest sequence.
Dim present_length(const InferCall& c) {
  const auto total = c.integers(6);
  const Dim past = c.has(3) ? (c.shape(3).ranked ? c.shape(3).dims[2] : Dim()) : Dim(0);
  return total && total->size() == 1 && past.known() ? Dim(std::max((*total)[0], past.value)) : Dim();
}

Status infer(InferCall& c) {
  CHECK_OK(check_attributes(c));
  TRY(const Sizes s, sizes_of(c));
  CHECK_OK(check_inputs(c, s));
  const Dim columns = s.head.known() ? Dim(checked_mul(s.head.value, s.heads).value_or(-1)) : Dim(), present = present_length(c);
  c.set(0, c.dtype(0), Shape{s.batch, s.length, columns});
  for (const std::size_t i : {1, 2}) c.set(i, c.dtype(0), Shape{s.batch, s.kv_heads, present, s.head});
  const auto total = c.integers(6);
  c.set(3, c.dtype(0), Shape{s.batch, s.heads, s.length, total && total->size() == 1 && (*total)[0] >= 0 ? Dim((*total)[0]) : Dim()});
  return Ok{};
}

struct Case {
  std::int64_t batch, length, heads, kv_heads, head, total, present;
  std::vector<std::int64_t> keys;  // of each sequence, past and new
  // Past keys of a sequence: none when the call holds whole sequences, padded at the right.
  std::int64_t past(std::int64_t b) const { return length == total ? 0 : keys[static_cast<std::size_t>(b)] - length; }
};
Result<Case> case_of(const OpCall& c) {
  const Dims& q = c.in(0).dims();
  Case k{q[0], q[1], c.node.integer("num_heads"), c.node.integer("kv_num_heads"), 0, c.in(6).to_ints()[0], 0, c.in(5).to_ints()};
  k.head = q[2] / (c.has(1) ? k.heads : k.heads + 2 * k.kv_heads);
  k.present = std::max(k.total, c.has(3) ? c.in(3).dims()[2] : 0);
  const std::int64_t cached = c.has(3) ? c.in(3).dims()[2] : 0;
  for (std::int64_t b = 0; b < k.batch; ++b) {
    const std::int64_t keys = ++k.keys[static_cast<std::size_t>(b)];
    if (keys < 1 || keys > k.present || k.past(b) < 0 || k.past(b) > cached || k.past(b) + k.length > k.present)
      return invalid("seqlens_k gives sequence {} {} keys, which {} new and {} cached positions of total_sequence_length {} do not hold", b,
                     keys, k.length, cached, k.total);
  }
  return k;
}

// The new keys (or values) behind each sequence's past ones, zeros after them.
Result<Heads> appended(const OpCall& c, std::size_t past, const Case& k, const Heads& more) {
  TRY(Heads h, make_heads(k.batch, k.kv_heads, k.present, k.head));
  const Heads before = c.has(past) ? heads_of(c.in(past)) : Heads{};
  for (std::int64_t b = 0; b < k.batch; ++b)
    for (std::int64_t n = 0; n < k.kv_heads; ++n) {
      if (k.past(b) > 0) std::copy_n(before.at(b, n, 0), k.past(b) * k.head, h.at(b, n, 0));
      std::copy_n(more.at(b, n, 0), k.length * k.head, h.at(b, n, k.past(b)));
    }
  return h;
}

// Each head to a mean square of one, times the weights.
void normalize(Heads& h, const Tensor& weight, float epsilon) {
  const ReadAs<float> w(weight);
  for (std::int64_t row = 0; row < h.batch * h.heads * h.length; ++row) {
    float *x = h.data.data() + row * h.size, squares = 0;
    for (std::int64_t i = 0; i < h.size; ++i) squares += x[i] * x[i];
    const float inverse = 1 / std::sqrt(squares / static_cast<float>(h.size) + epsilon);
    for (std::int64_t i = 0; i < h.size; ++i) x[i] *= inverse * w[i];
  }
}

Status rotate_all(const OpCall& c, const Case& k, Heads& h) {
  const ReadAs<float> cos(c.in(7)), sin(c.in(8));
  const std::int64_t rows = c.in(7).dims()[0], half = c.in(7).dims()[1];
  const bool interleaved = c.node.integer("rotary_interleaved") != 0;
  const std::vector<std::int64_t> ids = c.has(9) ? c.in(9).to_ints() : std::vector<std::int64_t>{};
  for (std::int64_t b = 0; b < k.batch; ++b)
    for (std::int64_t t = 0; t < k.length; ++t) {
      // With position_ids the first prompt counts from their first element; later calls take each as it is.
      const std::int64_t given = ids.empty() ? 0 : k.length == k.total ? ids[0] + t : ids[static_cast<std::size_t>(b * k.length + t)];
      const std::int64_t position = ids.empty() ? k.past(b) + t : given;
      if (position < 0 || position >= rows) return invalid("position {} is outside the caches of {} rows", position, rows);
      for (std::int64_t n = 0; n < h.heads; ++n)
        rotate(h.at(b, n, t), 2 * half, cos.data() + position * half, sin.data() + position * half, interleaved);
    }
  return Ok{};
}

struct Qkv {
  Heads q, k, v;
};
Result<Qkv> split(const OpCall& c, const Case& k) {
  const ReadAs<float> query(c.in(0)), key(c.find(1)), value(c.find(2));
  const std::int64_t q_width = k.heads * k.head, kv_width = k.kv_heads * k.head;
  const bool packed = !c.has(1);
  const std::int64_t width = packed ? q_width + 2 * kv_width : q_width;
  Qkv out;
  TRY(out.q, heads_of_rows(query.data(), k.batch, k.length, width, k.heads, k.head, 0, k.head));
  TRY(out.k, heads_of_rows(packed ? query.data() : key.data(), k.batch, k.length, packed ? width : kv_width, k.kv_heads, k.head,
                           packed ? q_width : 0, k.head));
  TRY(out.v, heads_of_rows(packed ? query.data() : value.data(), k.batch, k.length, packed ? width : kv_width, k.kv_heads, k.head,
                           packed ? q_width + kv_width : 0, k.head));
  return out;
}

// The part of (B, N, S, present) within the first `total` keys, as the output says.
void store_scores(OpCall& c, const Case& k, const std::vector<float>& scores) {
  WriteAs<float> out(c.make(3, c.in(0).dtype(), {k.batch, k.heads, k.length, k.total}));
  for (std::int64_t row = 0; row < k.batch * k.heads * k.length; ++row)
    for (std::int64_t t = 0; t < k.total; ++t) {
      const float v = scores[static_cast<std::size_t>(row * k.present + t)];
      out[row * k.total + t] = std::isinf(v) ? 0 : v;  // keys left out count as zero before the softmax too
    }
}

Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(const Case k, case_of(c));
  TRY(Qkv qkv, split(c, k));
  const float epsilon = c.node.number("qk_norm_epsilon", 1e-6f);
  if (c.has(14)) normalize(qkv.q, c.in(14), epsilon), normalize(qkv.k, c.in(15), epsilon);
  if (c.node.integer("do_rotary") != 0) {
    CHECK_OK(rotate_all(c, k, qkv.q));
    CHECK_OK(rotate_all(c, k, qkv.k));
  }
  TRY(const Heads keys, appended(c, 3, k, qkv.k));
  TRY(const Heads values, appended(c, 4, k, qkv.v));
  store_heads(c, 1, c.in(0).dtype(), keys);
  store_heads(c, 2, c.in(0).dtype(), values);
  const std::int64_t window = c.node.integer("local_window_size", -1);
  const bool causal = c.node.integer("causal", 1) != 0;
  const AttentionBias more(c.find(10));
  if (more && c.in(10).dims()[3] < k.total)
    return invalid("attention_bias has shape {}, expected {} keys", to_string(c.in(10).dims()), k.total);
  Scoring how;
  how.scale = c.node.number("scale", 0);
  how.softcap = c.node.number("softcap", 0);
  how.bias = [&](std::int64_t b, std::int64_t n, std::int64_t s, std::int64_t t) {
    const std::int64_t held = k.keys[static_cast<std::size_t>(b)], seen = causal ? std::min(k.past(b) + s + 1, held) : held;
    if (t >= seen || (window > 0 && t < seen - window)) return -std::numeric_limits<float>::infinity();
    return more ? more(b, n, s, t) : 0.0f;
  };
  const std::vector<float> sinks = c.has(11) ? c.in(11).to_floats() : std::vector<float>(static_cast<std::size_t>(k.heads), 0.0f);
  if (c.has(11) || c.node.integer("smooth_softmax") == 1) how.sinks = sinks.data();
  const std::int64_t qk = c.wants(3) ? c.node.integer("qk_output") : 0;
  CHECK_OK(check_size(Dims{k.batch, k.heads, k.length, k.present}));
  std::vector<float> scores(qk ? static_cast<std::size_t>(k.batch * k.heads * k.length * k.present) + 1 : 0);
  if (qk) (qk == 1 ? how.scores : how.weights) = scores.data();
  WriteAs<float> y(c.make(0, c.in(0).dtype(), {k.batch, k.length, k.heads * k.head}));
  attend(qkv.q, keys, values, how, y.data());
  if (qk) store_scores(c, k, scores);
  return Ok{};
}

}  // namespace

extern const Op groupqueryattention_op{
    .name = "GroupQueryAttention",
    .domain = "com.microsoft",
    .inputs =
        "query: T, key?: T, value?: T, past_key?: T, past_value?: T, seqlens_k: M, total_sequence_length: M, cos_cache?: T, sin_cache?: T, "
        "position_ids?: int64, attention_bias?: T, head_sink?: T, k_scale?: float, v_scale?: float, q_norm_weight?: T, k_norm_weight?: T",
    .outputs = "output: T, present_key?: T, present_value?: T, output_qk?: T",
    .attributes =
        "causal: int = 1, do_rotary: int = 0, k_quant_type: string = NONE, kv_cache_bit_width: int = 0, kv_num_heads!: int, "
        "local_window_size: int = -1, num_heads!: int, qk_norm_epsilon: float = 1e-6, qk_output: int = 0, rotary_interleaved: int = 0, "
        "scale: float, sliding_window_cache: int = 0, smooth_softmax: int = 0, softcap: float = 0, v_quant_type: string = NONE",
    .types = "T: float float16 bfloat16; M: int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
