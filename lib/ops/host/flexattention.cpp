// SPDX-License-Identifier: Apache-2.0
// Attention whose scores and probabilities pass through bodies: y = prob_mod(softmax(score_mod(scale q k^T))) v. Inputs are
// (batch, heads, length, features); query heads share the heads of keys and values in groups.
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape &q = c.shape(0), &k = c.shape(1), &v = c.shape(2);
  constexpr std::string_view names[] = {"Q", "K", "V"};
  for (std::size_t i = 0; i < 3; ++i) CHECK_OK(expect_rank(c, i, 4, names[i]));
  const auto at = [](const Shape& s, std::size_t i) { return s.ranked ? s.dims[i] : Dim(); };
  if (!unify(at(q, 0), at(k, 0)) || !unify(at(q, 0), at(v, 0)) || !unify(at(k, 1), at(v, 1)) || !unify(at(k, 2), at(v, 2)) || !unify(at(q, 3), at(k, 3)))
    return invalid("Q, K and V have shapes {}, {} and {}: batches, features of q and k, heads and lengths of k and v must be the same",
                   to_string(q), to_string(k), to_string(v));
  if (at(q, 1).known() && at(k, 1).known() && (at(k, 1).value < 1 || at(q, 1).value % at(k, 1).value != 0))
    return invalid("{} heads of queries do not share {} heads of keys evenly", at(q, 1).value, at(k, 1).value);
  TRY(const DType precision, numeric_attribute(c.node, "softmax_precision", c.dtype(0) == DType::f64 ? DType::f64 : DType::f32));
  if (precision != DType::f32 && precision != DType::f64 && precision != DType::f16 && precision != DType::bf16)
    return invalid("softmax_precision is {}, expected a float type of 16 bits or more", name(precision));
  const Shape scores{at(q, 0), at(q, 1), at(q, 2), at(k, 2)};
  for (const std::string_view attribute : {"score_mod", "prob_mod"}) {
    const Graph* body = c.node.body(attribute);
    if (!body) continue;
    if (body->inputs.size() != 1 || body->outputs.size() != 1) return invalid("{} has {} inputs and {} outputs, expected 1 of each", attribute, body->inputs.size(), body->outputs.size());
    CHECK_OK(c.infer_body(*body, {Fact{precision, scores, std::nullopt, std::nullopt}}));
  }
  c.set(0, c.dtype(0), Shape{at(q, 0), at(q, 1), at(q, 2), at(v, 3)});
  return Ok{};
}

// The scores or probabilities after the body of that name, if there is one.
static Status modify(OpCall& c, std::string_view attribute, Tensor& scores) {
  const Graph* body = c.node.body(attribute);
  if (!body) return Ok{};
  TRY(std::vector<Tensor> out, c.run_body(*body, {scores}));
  if (out.size() != 1 || out[0].dtype() != scores.dtype() || out[0].dims() != scores.dims())
    return invalid("{} must return a tensor like the one that it is given, of shape {}", attribute, to_string(scores.dims()));
  scores = std::move(out[0]);
  return Ok{};
}

template <class A>
static Tensor scores_of(OpCall& c, DType precision) {
  const Dims &qd = c.in(0).dims(), &kd = c.in(1).dims();
  const ReadAs<A> q(c.in(0)), k(c.in(1));
  const float scale = c.node.find<float>("scale") ? c.node.number("scale") : 1 / std::sqrt(static_cast<float>(qd[3]));
  const A root = std::sqrt(static_cast<A>(scale));
  Tensor scores = Tensor::allocate(precision, {qd[0], qd[1], qd[2], kd[2]});
  std::int64_t at = 0;
  for (std::int64_t head = 0; head < qd[0] * qd[1]; ++head)
    for (std::int64_t i = 0; i < qd[2]; ++i)
      for (std::int64_t j = 0; j < kd[2]; ++j) {
        const std::int64_t shared = qd[1] / kd[1], kv = head / qd[1] * kd[1] + head % qd[1] / shared;
        A sum = 0;
        for (std::int64_t f = 0; f < qd[3]; ++f) sum += (q[(head * qd[2] + i) * qd[3] + f] * root) * (k[(kv * kd[2] + j) * kd[3] + f] * root);
        store(scores, at++, static_cast<double>(sum));
      }
  return scores;
}

static Tensor softmax(const Tensor& scores) {
  Tensor y = Tensor::allocate(scores.dtype(), scores.dims());
  const std::int64_t n = scores.dims()[3];
  std::vector<double> row(static_cast<std::size_t>(n));
  for (std::int64_t begin = 0; begin < scores.count(); begin += n) {
    double largest = element(scores, begin), sum = 0;
    for (std::int64_t j = 1; j < n; ++j) largest = std::max(largest, element(scores, begin + j));
    for (std::int64_t j = 0; j < n; ++j) sum += row[static_cast<std::size_t>(j)] = std::exp(element(scores, begin + j) - largest);
    for (std::int64_t j = 0; j < n; ++j) store(y, begin + j, row[static_cast<std::size_t>(j)] / sum);
  }
  return y;
}

static Status run(OpCall& c) {
  TRY(const DType precision, numeric_attribute(c.node, "softmax_precision", c.in(0).dtype() == DType::f64 ? DType::f64 : DType::f32));
  const Dims &qd = c.in(0).dims(), &vd = c.in(2).dims();
  CHECK_OK(check_size({qd[0], qd[1], qd[2], vd[2]}));
  const bool wide = precision == DType::f64 || c.in(0).dtype() == DType::f64;
  Tensor scores = wide ? scores_of<double>(c, precision) : scores_of<float>(c, precision);
  CHECK_OK(modify(c, "score_mod", scores));
  Tensor probabilities = softmax(scores);
  CHECK_OK(modify(c, "prob_mod", probabilities));
  Tensor& y = c.make(0, c.in(0).dtype(), {qd[0], qd[1], qd[2], vd[3]});
  const auto sum_values = [&]<class A>(Type<A>) {
    const ReadAs<A> p(probabilities), v(c.in(2));
    WriteAs<A> out(y);
    for (std::int64_t head = 0; head < qd[0] * qd[1]; ++head) {
      const std::int64_t shared = qd[1] / vd[1], kv = head / qd[1] * vd[1] + head % qd[1] / shared;
      for (std::int64_t i = head * qd[2]; i < (head + 1) * qd[2]; ++i)
        for (std::int64_t j = 0; j < vd[2]; ++j)
          for (std::int64_t f = 0; f < vd[3]; ++f) out[i * vd[3] + f] += p[i * vd[2] + j] * v[(kv * vd[2] + j) * vd[3] + f];
    }
  };
  if (wide)
    sum_values(Type<double>());
  else
    sum_values(Type<float>());
  return Ok{};
}
extern const Op flexattention_op{.name = "FlexAttention",
                                 .domain = "ai.onnx.preview",
                                 .since = 1,
                                 .inputs = "Q: T1, K: T1, V: T1",
                                 .outputs = "Y: T1",
                                 .attributes = "prob_mod: graph, scale: float, score_mod: graph, softmax_precision: int",
                                 .types = "T1: floats",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
