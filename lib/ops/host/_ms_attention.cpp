// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_ms_attention.h"

#include <cmath>
#include <limits>

namespace hone {

Result<Heads> make_heads(std::int64_t batch, std::int64_t heads, std::int64_t length, std::int64_t size) {
  const Dims dims{batch, heads, length, size};
  CHECK_OK(check_size(dims));
  Heads h{batch, heads, length, size, {}};
  h.data.resize(static_cast<std::size_t>(count_of(dims)) + 1);  // never empty: data() is not null
  return h;
}

Result<Heads> heads_of_rows(const float* x, std::int64_t batch, std::int64_t length, std::int64_t width, std::int64_t heads,
                            std::int64_t size, std::int64_t first, std::int64_t step, const float* bias) {
  TRY(Heads h, make_heads(batch, heads, length, size));
  for (std::int64_t b = 0; b < batch; ++b)
    for (std::int64_t n = 0; n < heads; ++n)
      for (std::int64_t t = 0; t < length; ++t) {
        const float* row = x + (b * length + t) * width + first + n * step;
        float* to = h.at(b, n, t);
        for (std::int64_t i = 0; i < size; ++i) to[i] = row[i] + (bias ? bias[n * size + i] : 0);
      }
  return h;
}

Heads heads_of(const Tensor& t) {
  const Dims& d = t.dims();
  Heads h{d[0], d[1], d[2], d[3], t.to_floats()};
  h.data.push_back(0);
  return h;
}

Result<Heads> joined(const Heads& past, const Heads& more) {
  TRY(Heads h, make_heads(more.batch, more.heads, past.length + more.length, more.size));
  for (std::int64_t b = 0; b < h.batch; ++b)
    for (std::int64_t n = 0; n < h.heads; ++n) {
      std::copy_n(past.at(b, n, 0), past.length * past.size, h.at(b, n, 0));
      std::copy_n(more.at(b, n, 0), more.length * more.size, h.at(b, n, past.length));
    }
  return h;
}

void store_heads(OpCall& c, std::size_t output, DType dtype, const Heads& h) {
  if (!c.wants(output)) return;
  WriteAs<float> out(c.make(output, dtype, h.dims()));
  std::copy_n(h.data.data(), count_of(h.dims()), out.data());
}

// Scores of n keys to weights. A sink is one more key whose weight is dropped.
static void softmax(float* x, std::int64_t n, const float* sink) {
  float most = sink ? *sink : -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < n; ++i) most = std::max(most, x[i]);
  if (std::isinf(most)) most = 0;  // every key is left out: the weights are zero
  float sum = sink ? std::exp(*sink - most) : 0;
  for (std::int64_t i = 0; i < n; ++i) sum += x[i] = std::exp(x[i] - most);
  for (std::int64_t i = 0; i < n && sum > 0; ++i) x[i] /= sum;
}

void attend(const Heads& q, const Heads& k, const Heads& v, const Scoring& how, float* y) {
  const std::int64_t share = q.heads / k.heads;
  const float scale = how.scale != 0 ? how.scale : 1 / std::sqrt(static_cast<float>(q.size));
  std::vector<float> row(static_cast<std::size_t>(k.length) + 1);
  for (std::int64_t b = 0; b < q.batch; ++b)
    for (std::int64_t n = 0; n < q.heads; ++n)
      for (std::int64_t s = 0; s < q.length; ++s) {
        for (std::int64_t t = 0; t < k.length; ++t) {
          float sum = 0;
          for (std::int64_t i = 0; i < q.size; ++i) sum += q.at(b, n, s)[i] * k.at(b, n / share, t)[i];
          sum *= scale;
          if (how.softcap > 0) sum = how.softcap * std::tanh(sum / how.softcap);
          row[static_cast<std::size_t>(t)] = how.bias ? sum + how.bias(b, n, s, t) : sum;
        }
        const std::int64_t place = ((b * q.heads + n) * q.length + s) * k.length;
        if (how.scores) std::copy_n(row.data(), k.length, how.scores + place);
        softmax(row.data(), k.length, how.sinks ? how.sinks + n : nullptr);
        if (how.weights) std::copy_n(row.data(), k.length, how.weights + place);
        float* out = y + ((b * q.length + s) * q.heads + n) * v.size;
        std::fill_n(out, v.size, 0.0f);
        for (std::int64_t t = 0; t < k.length; ++t)
          for (std::int64_t i = 0; i < v.size; ++i) out[i] += row[static_cast<std::size_t>(t)] * v.at(b, n / share, t)[i];
      }
}

// Whether the mask lets query s of batch b see key t.
static bool visible(const std::int32_t* mask, const Dims& dims, const MaskCase& m, std::int64_t b, std::int64_t s, std::int64_t t) {
  switch (dims.size()) {
    case 1: return t < mask[b] && (dims[0] != 2 * m.batch || t >= mask[m.batch + b]);
    case 2: return mask[b * m.keys + t] > 0;
    case 3: return mask[(b * m.queries + s) * m.keys + t] > 0;
    default: return mask[(b * dims[2] + m.past + s) * dims[3] + t] > 0;
  }
}

Result<std::vector<float>> mask_scores(const Tensor* mask, const MaskCase& m) {
  if (mask && mask->rank() == 2 && mask->dims()[1] == 1 && m.keys != 1) mask = nullptr;  // one value for all keys: no effect
  if (!mask && !m.causal) return std::vector<float>();
  const Dims dims{m.batch, m.queries, m.keys};
  CHECK_OK(check_size(dims));
  std::vector<float> scores(static_cast<std::size_t>(count_of(dims)) + 1, 0.0f);
  const std::int32_t* values = mask ? mask->data<std::int32_t>() : nullptr;
  for (std::int64_t b = 0; b < m.batch; ++b)
    for (std::int64_t s = 0; s < m.queries; ++s)
      for (std::int64_t t = 0; t < m.keys; ++t) {
        float& score = scores[static_cast<std::size_t>((b * m.queries + s) * m.keys + t)];
        if (values && !visible(values, mask->dims(), m, b, s, t)) score = m.filter;
        if (m.causal && t > m.past + s) score = std::numeric_limits<float>::lowest();
      }
  return scores;
}

static bool may_equal(const Dim& a, const Dim& b) { return !a.known() || !b.known() || a.value == b.value; }

Status check_mask(const InferCall& c, std::size_t i, const Dim& batch, const Dim& queries, const Dim& keys) {
  const auto dims = c.shape(i).concrete();
  if (!dims || !batch.known()) return Ok{};
  const Dims& d = *dims;
  const std::int64_t b = batch.value;
  bool fits = false;
  if (d.size() == 1) fits = d[0] == b || d[0] == 2 * b || d[0] == 3 * b + 2;
  if (d.size() == 2) fits = (d[0] == b && may_equal(keys, d[1])) || ((d[0] == b || d[0] == 1) && d[1] == 1);
  if (d.size() == 3) fits = d[0] == b && may_equal(queries, d[1]) && may_equal(keys, d[2]);
  if (d.size() == 4) fits = d[0] == b && d[1] == 1 && d[2] == d[3] && (!keys.known() || d[3] >= keys.value);
  if (fits) return Ok{};
  return invalid(
      "the mask has shape {}, expected (batch), (2 * batch), (batch, keys), (batch, queries, keys) or (batch, 1, longest, longest)",
      to_string(d));
}

Status check_attention_bias(const InferCall& c, std::size_t i, const Dim& batch, std::int64_t heads, const Dim& queries, const Dim& keys) {
  CHECK_OK(expect_rank(c, i, 4, "attention_bias"));
  const Shape& s = c.shape(i);
  if (!s.ranked) return Ok{};
  const bool fits = (may_equal(s.dims[0], batch) || s.dims[0].value == 1) && (may_equal(s.dims[1], heads) || s.dims[1].value == 1) &&
                    may_equal(s.dims[2], queries) && may_equal(s.dims[3], keys);
  if (fits) return Ok{};
  return invalid("attention_bias has shape {}, expected (batch or 1, {} heads or 1, queries, keys)", to_string(s), heads);
}

Dim plus(const Dim& a, const Dim& b) {
  if (a.known() && a.value == 0) return b;
  if (b.known() && b.value == 0) return a;
  return a.known() && b.known() ? Dim(checked_add(a.value, b.value).value_or(-1)) : Dim();
}

void rotate(float* x, std::int64_t dim, const float* cos, const float* sin, bool interleaved) {
  const std::int64_t half = dim / 2;
  for (std::int64_t i = 0; i < half; ++i) {
    float &re = x[interleaved ? 2 * i : i], &im = x[interleaved ? 2 * i + 1 : i + half];
    const float a = re, b = im;
    re = a * cos[i] - b * sin[i];
    im = b * cos[i] + a * sin[i];
  }
}

}  // namespace hone
