// SPDX-License-Identifier: Apache-2.0
// Linear attention as a recurrence. For each key/value head a state S (d_k, d_v) is decayed, written and read, token by token:
//   S = exp(g) S;  u = v, or beta (v - S^T k) by the delta rule;  S += k u^T;  o = scale S^T q
// "gated" rules decay, "delta" rules correct. Query heads share the state of their group's head. The state is float32 inside.
#include <cmath>

#include "lib/ir/dim_math.h"
#include "lib/ops/move.h"
#include "lib/ops/wide.h"

namespace hone {

namespace {

struct Rule {
  bool gated, delta;
  std::int64_t q_heads, kv_heads;
};

Result<Rule> rule_of(const Node& node) {
  const std::string_view text = node.text("update_rule", "gated_delta");
  Rule r{text == "gated" || text == "gated_delta", text == "delta" || text == "gated_delta", node.integer("q_num_heads"), node.integer("kv_num_heads")};
  if (!r.gated && !r.delta && text != "linear") return invalid("update_rule is '{}', expected linear, gated, delta or gated_delta", text);
  if (r.q_heads < 1 || r.kv_heads < 1 || r.q_heads % r.kv_heads != 0)
    return invalid("q_num_heads is {} and kv_num_heads {}: the first must be a multiple of the second", r.q_heads, r.kv_heads);
  return r;
}

// `whole` features in `heads` equal parts.
Result<Dim> part(const Dim& whole, std::int64_t heads, std::string_view what) {
  if (whole.known() && whole.value % heads != 0) return invalid("the {} has {} features, which do not divide into {} heads", what, whole.value, heads);
  return floor_div(whole, Dim(heads));
}

}  // namespace

static Status infer(InferCall& c) {
  TRY(const Rule rule, rule_of(c.node));
  if (c.has(4) != rule.gated) return invalid("decay is {} the update rule '{}'", rule.gated ? "missing, which belongs to" : "given to", c.node.text("update_rule", "gated_delta"));
  if (c.has(5) != rule.delta) return invalid("beta is {} the update rule '{}'", rule.delta ? "missing, which belongs to" : "given to", c.node.text("update_rule", "gated_delta"));
  constexpr std::string_view names[] = {"query", "key", "value", "past_state", "decay", "beta"};
  Dim batch, length, last[6];
  for (const std::size_t i : {0, 1, 2, 4, 5}) {
    CHECK_OK(expect_rank(c, i, 3, names[i]));
    if (!c.shape(i).ranked) continue;
    const std::vector<Dim>& d = c.shape(i).dims;
    if (!unify(batch, d[0]) || !unify(length, d[1])) return invalid("{} has shape {}, but there are {} tokens in a batch of {}", names[i], to_string(c.shape(i)), length.value, batch.value);
    if (!batch.known()) batch = d[0];
    if (!length.known()) length = d[1];
    last[i] = d[2];
  }
  TRY(const Dim dq, part(last[0], rule.q_heads, names[0]));
  TRY(const Dim dk, part(last[1], rule.kv_heads, names[1]));
  TRY(const Dim dv, part(last[2], rule.kv_heads, names[2]));
  if (!unify(dq, dk)) return invalid("a query head has {} features and a key head {}", dq.value, dk.value);
  if (last[4].known() && dk.known() && last[4].value != rule.kv_heads && last[4].value != rule.kv_heads * dk.value)
    return invalid("decay has {} features, expected {} or {}", last[4].value, rule.kv_heads, rule.kv_heads * dk.value);
  if (last[5].known() && last[5].value != rule.kv_heads && last[5].value != 1) return invalid("beta has {} features, expected {} or 1", last[5].value, rule.kv_heads);
  Shape state{batch, Dim(rule.kv_heads), dk.known() ? dk : dq, dv};
  CHECK_OK(expect_rank(c, 3, 4, "past_state"));
  if (const Shape& past = c.shape(3); past.ranked)
    for (std::size_t i = 0; i < 4; ++i)
      if (!unify(past.dims[i], state.dims[i])) return invalid("past_state has shape {}, expected {}", to_string(past), to_string(state));
  c.set(0, c.dtype(0), Shape{batch, length, dv * Dim(rule.q_heads)});
  c.set(1, c.has(3) ? c.dtype(3) : c.dtype(0), std::move(state));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const Rule rule, rule_of(c.node));
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const Dims &q_dims = c.in(0).dims(), &v_dims = c.in(2).dims();
  const std::int64_t batch = q_dims[0], length = q_dims[1], hq = rule.q_heads, hkv = rule.kv_heads, dk = q_dims[2] / hq, dv = v_dims[2] / hkv;
  const ReadAs<float> q(c.in(0)), k(c.in(1)), v(c.in(2)), past(c.find(3)), decay(c.find(4)), beta(c.find(5));
  const std::int64_t decays = rule.gated ? c.in(4).dims()[2] / hkv : 0, betas = rule.delta ? c.in(5).dims()[2] : 0;
  WriteAs<float> y(c.make(0, c.in(0).dtype(), {batch, length, hq * dv}));
  WriteAs<float> present(c.make(1, c.has(3) ? c.in(3).dtype() : c.in(0).dtype(), {batch, hkv, dk, dv}));
  const float given = c.node.number("scale", 0);
  const float scale = given == 0 ? 1 / std::sqrt(static_cast<float>(dk)) : given;
  std::vector<float> state(static_cast<std::size_t>(dk * dv)), write(static_cast<std::size_t>(dv));
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t h = 0; h < hkv; ++h) {
      const std::int64_t at = (b * hkv + h) * dk * dv;
      for (std::int64_t i = 0; i < dk * dv; ++i) state[static_cast<std::size_t>(i)] = past ? past[at + i] : 0;
      for (std::int64_t t = b * length; t < (b + 1) * length; ++t) {
        const float *key = k.data() + (t * hkv + h) * dk, *value = v.data() + (t * hkv + h) * dv;
        for (std::int64_t i = 0; rule.gated && i < dk; ++i) {
          const float factor = std::exp(decay[(t * hkv + h) * decays + (decays == 1 ? 0 : i)]);
          for (std::int64_t j = 0; j < dv; ++j) state[static_cast<std::size_t>(i * dv + j)] *= factor;
        }
        for (std::int64_t j = 0; j < dv; ++j) {
          float u = value[j];
          if (rule.delta) {
            float retrieved = 0;
            for (std::int64_t i = 0; i < dk; ++i) retrieved += state[static_cast<std::size_t>(i * dv + j)] * key[i];
            u = beta[t * betas + (betas == 1 ? 0 : h)] * (u - retrieved);
          }
          write[static_cast<std::size_t>(j)] = u;
        }
        for (std::int64_t i = 0; i < dk; ++i)
          for (std::int64_t j = 0; j < dv; ++j) state[static_cast<std::size_t>(i * dv + j)] += key[i] * write[static_cast<std::size_t>(j)];
        for (std::int64_t head = h * (hq / hkv); head < (h + 1) * (hq / hkv); ++head) {
          const float* query = q.data() + (t * hq + head) * dk;
          for (std::int64_t j = 0; j < dv; ++j) {
            float sum = 0;
            for (std::int64_t i = 0; i < dk; ++i) sum += query[i] * state[static_cast<std::size_t>(i * dv + j)];
            y[(t * hq + head) * dv + j] = scale * sum;
          }
        }
      }
      for (std::int64_t i = 0; i < dk * dv; ++i) present[at + i] = state[static_cast<std::size_t>(i)];
    }
  return Ok{};
}
extern const Op linearattention_op{.name = "LinearAttention",
                                   .since = 27,
                                   .inputs = "query: T, key: T, value: T, past_state?: S, decay?: T, beta?: T",
                                   .outputs = "output: T, present_state?: S",
                                   .attributes =
                                       "chunk_size: int = 64, kv_num_heads!: int, q_num_heads!: int, scale: float = 0, "
                                       "update_rule: string = gated_delta",
                                   .types = "T: float float16 bfloat16; S: float float16 bfloat16",
                                   .infer = infer,
                                   .reference = run};

}  // namespace hone
