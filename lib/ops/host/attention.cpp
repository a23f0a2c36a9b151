// SPDX-License-Identifier: Apache-2.0
// Scaled dot-product attention: y = softmax(softcap(scale q k^T) + bias) v. The bias is 0 or -inf by the causal rule, the window and
// the number of keys that are no padding, plus the mask. Several query heads may share a head of keys and values; the past of
// both may be given, and is returned with the present. A query that sees no key gives zeros.
#include <array>
#include <cmath>
#include <limits>

#include "lib/ir/dim_math.h"
#include "lib/ops/convert.h"
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {

namespace {

enum Input { q_in, k_in, v_in, mask_in, past_key_in, past_value_in, valid_in };
constexpr float minus_infinity = -std::numeric_limits<float>::infinity();

// A dimension divided by or multiplied with a number of heads.
Result<Dim> per_head(const Dim& features, std::int64_t heads, std::string_view what) {
  if (heads < 1) return invalid("inputs of 3 axes need q_num_heads and kv_num_heads");
  if (features.known() && features.value % heads != 0)
    return invalid("{} has {} features, which do not divide into {} heads", what, features.value, heads);
  return floor_div(features, Dim(heads));
}

struct Sides {
  Dim batch, heads, length, size;
};
// Input i as (batch, heads, length, size), whichever of its two layouts it has.
Result<Sides> sides_of(const InferCall& c, std::size_t i, std::string_view what, std::string_view heads) {
  const Shape& s = c.shape(i);
  if (!s.ranked) return Sides{};
  if (s.rank() == 4) return Sides{s.dims[0], s.dims[1], s.dims[2], s.dims[3]};
  if (s.rank() != 3) return invalid("{} has shape {}, expected 3 or 4 axes", what, to_string(s));
  const std::int64_t n = c.node.integer(heads);
  TRY(const Dim size, per_head(s.dims[2], n, what));
  return Sides{s.dims[0], Dim(n), s.dims[1], size};
}

Status check_attributes(const Node& node) {
  const std::int64_t mode = node.integer("qk_matmul_output_mode"), precision = node.integer("softmax_precision", 1);
  if (mode < 0 || mode > 3) return invalid("qk_matmul_output_mode is {}, expected 0 to 3", mode);
  if (precision != 1 && precision != 10 && precision != 11 && precision != 16)
    return invalid("softmax_precision is {}, expected 1 (float), 10 (float16), 11 (double) or 16 (bfloat16)", precision);
  for (const std::string_view side : {"left_window_size", "right_window_size"})
    if (node.integer(side, -1) < -1) return invalid("{} is {}, expected -1 or more", side, node.integer(side));
  return Ok{};
}

Status check_mask(const Shape& mask, const Shape& scores) {
  if (!mask.ranked) return Ok{};
  bool fits = mask.rank() >= 1 && mask.rank() <= 4;
  for (std::size_t i = 0; fits && i < mask.rank(); ++i) {
    const Dim &m = mask.dims[mask.rank() - 1 - i], &s = scores.dims[3 - i];
    if (!m.known() || !s.known()) continue;
    fits = i == 0 ? m.value <= s.value : m.value == 1 || m.value == s.value;
  }
  if (!fits) return invalid("attn_mask has shape {}, which does not broadcast to {}", to_string(mask), to_string(scores));
  return Ok{};
}

Status check_past(const InferCall& c, const Sides& k, const Sides& v, Dim& past) {
  if (c.has(past_key_in) != c.has(past_value_in)) return invalid("past_key and past_value must be given together");
  if (!c.has(past_key_in)) return Ok{};
  if (c.has(valid_in)) return invalid("nonpad_kv_seqlen and past_key exclude each other");
  past = Dim();
  for (const std::size_t i : {past_key_in, past_value_in}) {
    CHECK_OK(expect_rank(c, i, 4, i == past_key_in ? "past_key" : "past_value"));
    const Shape& s = c.shape(i);
    if (!s.ranked) continue;
    const Sides& now = i == past_key_in ? k : v;
    if (!unify(s.dims[0], now.batch) || !unify(s.dims[1], now.heads) || !unify(s.dims[3], now.size) || !unify(s.dims[2], past))
      return invalid("{} has shape {}, which does not go before {}", i == past_key_in ? "past_key" : "past_value", to_string(s),
                     to_string(Shape{now.batch, now.heads, now.length, now.size}));
    past = s.dims[2];
  }
  return Ok{};
}

}  // namespace

static Status infer(InferCall& c) {
  CHECK_OK(check_attributes(c.node));
  CHECK_OK(same_dtype(c, q_in, k_in));
  TRY(const Sides q, sides_of(c, q_in, "Q", "q_num_heads"));
  TRY(const Sides k, sides_of(c, k_in, "K", "kv_num_heads"));
  TRY(const Sides v, sides_of(c, v_in, "V", "kv_num_heads"));
  for (const std::size_t i : {k_in, v_in})
    if (c.shape(q_in).ranked && c.shape(i).ranked && c.shape(i).rank() != c.shape(q_in).rank())
      return invalid("Q has {} axes but {} has {}", c.shape(q_in).rank(), i == k_in ? "K" : "V", c.shape(i).rank());
  if (!unify(q.batch, k.batch) || !unify(q.batch, v.batch) || !unify(k.batch, v.batch) || !unify(q.size, k.size) || !unify(k.heads, v.heads) || !unify(k.length, v.length))
    return invalid("Q, K and V have shapes {}, {} and {}: batches, features of q and k, heads and lengths of k and v must be the same",
                   to_string(c.shape(q_in)), to_string(c.shape(k_in)), to_string(c.shape(v_in)));
  if (q.heads.known() && k.heads.known() && (k.heads.value < 1 || q.heads.value % k.heads.value != 0))
    return invalid("{} heads of queries do not share {} heads of keys evenly", q.heads.value, k.heads.value);
  Dim past = 0;
  CHECK_OK(check_past(c, k, v, past));
  const Dim total = past + (k.length.known() ? k.length : v.length.known() ? v.length : k.length);
  const Shape scores{q.batch, q.heads, q.length, total};
  CHECK_OK(check_mask(c.shape(mask_in), scores));
  CHECK_OK(expect_rank(c, valid_in, 1, "nonpad_kv_seqlen"));
  if (c.shape(valid_in).ranked && !unify(c.shape(valid_in).dims[0], q.batch))
    return invalid("nonpad_kv_seqlen has {} elements for a batch of {}", to_string(c.shape(valid_in)), q.batch.value);
  const Shape& shape = c.shape(q_in);
  if (!shape.ranked)
    c.set(0, c.dtype(q_in), Shape());
  else if (shape.rank() == 4)
    c.set(0, c.dtype(q_in), Shape{q.batch, q.heads, q.length, v.size});
  else
    c.set(0, c.dtype(q_in), Shape{q.batch, q.length, q.heads * v.size});
  c.set(1, c.dtype(k_in), Shape{k.batch, k.heads, total, k.size});
  c.set(2, c.dtype(v_in), Shape{v.batch, v.heads, total, v.size});
  c.set(3, c.dtype(q_in), scores);
  return Ok{};
}

namespace {

struct Layout {
  std::int64_t batch, heads, length, size;
  bool heads_first;
  std::int64_t at(std::int64_t b, std::int64_t h, std::int64_t s) const {  // where the features of one token of one head begin
    return (heads_first ? (b * heads + h) * length + s : (b * length + s) * heads + h) * size;
  }
};
Layout layout_of(const Dims& d, std::int64_t heads) {
  return d.size() == 4 ? Layout{d[0], d[1], d[2], d[3], true} : Layout{d[0], heads, d[1], d[2] / heads, false};
}

// The past, if any, then the present, as (batch, heads, length, size) in output i.
Status join(OpCall& c, const Tensor* past, const Tensor& now, std::size_t output) {
  const Layout l = layout_of(now.dims(), c.node.integer("kv_num_heads"));
  const std::int64_t before = past ? past->dims()[2] : 0;
  const Dims dims{l.batch, l.heads, before + l.length, l.size};
  CHECK_OK(check_size(dims));
  Mover y(c, output, now.dtype(), dims);
  for (std::int64_t b = 0; b < l.batch; ++b)
    for (std::int64_t h = 0; h < l.heads; ++h) {
      const std::int64_t to = (b * l.heads + h) * (before + l.length) * l.size;
      if (past) y.copy(*past, (b * l.heads + h) * before * l.size, to, before * l.size);
      for (std::int64_t s = 0; s < l.length; ++s) y.copy(now, l.at(b, h, s), to + (before + s) * l.size, l.size);
    }
  return y.finish();
}

// What is added to the scores of one query.
class Bias {
 public:
  Bias(const OpCall& c, std::int64_t queries, std::int64_t keys)
      : mask_(c.find(mask_in)), queries_(queries), keys_(keys), causal_(c.node.integer("is_causal") != 0),
        left_(c.node.integer("left_window_size", -1)), right_(c.node.integer("right_window_size", -1)) {
    if (mask_) values_ = mask_->to_doubles();
    if (c.has(past_key_in)) offset_ = c.in(past_key_in).dims()[2];
    if (c.has(valid_in)) valid_ = c.in(valid_in).to_ints();
  }
  // REQUIRES: row has one element for each key. False when no key is seen.
  template <class A>
  bool row(std::int64_t b, std::int64_t h, std::int64_t i, std::vector<A>& row) const {
    const std::int64_t valid = valid_.empty() ? keys_ : valid_[static_cast<std::size_t>(b)];
    const std::int64_t place = i + (valid_.empty() ? offset_ : valid - queries_);
    const std::int64_t first = left_ < 0 ? 0 : place - std::min(left_, keys_ + std::abs(place));
    std::int64_t last = right_ < 0 ? keys_ - 1 : place + std::min(right_, keys_ + std::abs(place));
    if (causal_) last = std::min(last, place);
    bool any = false;
    for (std::int64_t j = 0; j < keys_; ++j) {
      A& bias = row[static_cast<std::size_t>(j)];
      bias = j < first || j > last || j >= valid ? static_cast<A>(minus_infinity) : masked<A>(b, h, i, j);
      any = any || bias != static_cast<A>(minus_infinity);
    }
    return any;
  }

 private:
  template <class A>
  A masked(std::int64_t b, std::int64_t h, std::int64_t i, std::int64_t j) const {
    if (!mask_) return 0;
    const Dims& d = mask_->dims();
    if (j >= d.back()) return static_cast<A>(minus_infinity);
    const std::array<std::int64_t, 4> at{b, h, i, j};
    std::int64_t offset = 0;
    for (std::size_t k = 0; k < d.size(); ++k) offset = offset * d[k] + (d[k] == 1 ? 0 : at[4 - d.size() + k]);
    const double value = values_[static_cast<std::size_t>(offset)];
    if (mask_->dtype() == DType::boolean) return value != 0 ? 0 : static_cast<A>(minus_infinity);
    return static_cast<A>(value);
  }

  const Tensor* mask_;
  std::vector<double> values_;
  std::int64_t queries_, keys_, offset_ = 0;
  bool causal_;
  std::int64_t left_, right_;
  std::vector<std::int64_t> valid_;
};

// What a value becomes in the type that softmax_precision asks for.
template <class A>
A rounded(DType dtype, A v) {
  switch (dtype) {
    case DType::f32: return static_cast<A>(static_cast<float>(v));
    case DType::f16: return static_cast<A>(half_to_float(float_to_half(static_cast<float>(v))));
    case DType::bf16: return static_cast<A>(bfloat_to_float(float_to_bfloat(static_cast<float>(v))));
    default: return v;
  }
}

template <class A>
void softmax(std::vector<A>& x, DType precision) {
  A largest = static_cast<A>(minus_infinity), sum = 0;
  for (A& v : x) v = rounded(precision, v), largest = std::max(largest, v);
  for (A& v : x) sum += v = rounded(precision, std::exp(rounded(precision, v - largest)));
  for (A& v : x) v = rounded(precision, v / sum);
}

}  // namespace

// In double when the inputs or softmax_precision ask for it, else in float.
template <class A>
static void attend(OpCall& c, const Tensor& keys, const Tensor& values, Tensor& y) {
  const Layout l = layout_of(c.in(q_in).dims(), c.node.integer("q_num_heads"));
  const std::int64_t shared = l.heads / keys.dims()[1], total = keys.dims()[2], width = values.dims()[3], mode = c.node.integer("qk_matmul_output_mode");
  const ReadAs<A> q(c.in(q_in)), k(keys), v(values);
  WriteAs<A> out(y), shown(c.make(3, c.in(q_in).dtype(), {l.batch, l.heads, l.length, c.wants(3) ? total : 0}));
  const A root = std::sqrt(static_cast<A>(c.node.find<float>("scale") ? c.node.number("scale") : 1 / std::sqrt(static_cast<float>(l.size))));
  const A cap = static_cast<A>(c.node.number("softcap"));
  const auto precision = static_cast<DType>(c.node.integer("softmax_precision", static_cast<std::int64_t>(dtype_of<A>)));
  const Bias biases(c, l.length, total);
  std::vector<A> scores(static_cast<std::size_t>(total)), bias(scores.size());
  std::int64_t shown_at = 0;
  const auto show = [&](std::int64_t when) {
    if (!c.wants(3) || mode != when) return;
    for (const A score : scores) shown[shown_at++] = score;
  };
  for (std::int64_t b = 0; b < l.batch; ++b)
    for (std::int64_t h = 0; h < l.heads; ++h)
      for (std::int64_t i = 0; i < l.length; ++i) {
        const std::int64_t head = b * keys.dims()[1] + h / shared;
        for (std::int64_t j = 0; j < total; ++j) {
          const A *query = q.data() + l.at(b, h, i), *key = k.data() + (head * total + j) * l.size;
          A sum = 0;
          for (std::int64_t f = 0; f < l.size; ++f) sum += (query[f] * root) * (key[f] * root);
          scores[static_cast<std::size_t>(j)] = sum;
        }
        show(0);
        if (cap > 0)
          for (A& score : scores) score = cap * std::tanh(score / cap);
        show(1);
        const bool any = biases.row(b, h, i, bias);
        for (std::size_t j = 0; j < scores.size(); ++j)  // a key that is not seen may hold anything
          scores[j] = bias[j] == static_cast<A>(minus_infinity) ? bias[j] : scores[j] + bias[j];
        show(2);
        if (any)
          softmax(scores, precision);
        else
          std::ranges::fill(scores, A(0));
        show(3);
        A* row = out.data() + Layout{l.batch, l.heads, l.length, width, l.heads_first}.at(b, h, i);
        for (std::int64_t j = 0; j < total; ++j) {
          const A p = scores[static_cast<std::size_t>(j)], *value = v.data() + (head * total + j) * width;
          for (std::int64_t f = 0; p != 0 && f < width; ++f) row[f] += p * value[f];
        }
      }
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  std::array<Tensor, 2> joined;  // keys and values
  for (const std::size_t i : {0, 1}) {
    std::vector<Tensor> out(1);
    OpCall inner(c.node, {}, out);
    const Tensor& now = c.in(k_in + i);
    const Tensor* past = c.find(past_key_in + i);
    if (past || now.rank() == 3)
      CHECK_OK(join(inner, past, now, 0));
    else
      out[0] = now;
    joined[i] = std::move(out[0]);
  }
  if (y->dtype() == DType::f64 || joined[1].dtype() == DType::f64 || c.node.integer("softmax_precision") == static_cast<std::int64_t>(DType::f64))
    attend<double>(c, joined[0], joined[1], *y);
  else
    attend<float>(c, joined[0], joined[1], *y);
  c.set(1, std::move(joined[0]));
  c.set(2, std::move(joined[1]));
  return Ok{};
}
extern const Op attention_op{.name = "Attention",
                             .since = 23,
                             .inputs = "Q: T1, K: T1, V: T2, attn_mask?: U, past_key?: T1, past_value?: T2, nonpad_kv_seqlen?: int64",
                             .outputs = "Y: T1, present_key?: T1, present_value?: T2, qk_matmul_output?: T1",
                             .attributes =
                                 "is_causal: int = 0, kv_num_heads: int, left_window_size: int = -1, q_num_heads: int, "
                                 "qk_matmul_output_mode: int = 0, right_window_size: int = -1, scale: float, softcap: float = 0, "
                                 "softmax_precision: int",
                             .types = "T1: floats; T2: floats; U: numeric bool",
                             .infer = infer,
                             .reference = run};

}  // namespace hone
