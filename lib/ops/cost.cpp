// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/cost.h"

#include <algorithm>

namespace hone {
namespace {

std::optional<Dims> dims_of(const Value* v, const Facts& facts) {
  if (!v) return std::nullopt;
  const auto it = facts.find(v);
  return it == facts.end() ? declared_fact(*v).shape.concrete() : it->second.shape.concrete();
}

// The product, or nothing on overflow.
std::optional<std::int64_t> product(std::span<const std::int64_t> dims) {
  const auto count = element_count(dims);
  return count ? std::optional(*count) : std::nullopt;
}
std::optional<std::int64_t> times(std::optional<std::int64_t> a, std::optional<std::int64_t> b) {
  return a && b ? checked_mul(*a, *b) : std::nullopt;
}

// Each element of `positions` meets every weight of one filter: weight elements / its first dimension.
std::optional<std::int64_t> filter_macs(const std::optional<Dims>& positions, const std::optional<Dims>& weight) {
  if (!positions || !weight || weight->size() < 3) return std::nullopt;
  return times(product(*positions), product(std::span(*weight).subspan(1)));
}

std::optional<std::int64_t> matmul_macs(const std::optional<Dims>& a, const std::optional<Dims>& out) {
  if (!a || a->empty() || !out) return std::nullopt;
  return times(product(*out), a->back());
}

// For each step and direction: the gates' products with the input and with the state.
std::optional<std::int64_t> recurrent_macs(const Node& node, const Facts& facts) {
  const auto x = dims_of(node.input(0), facts), w = dims_of(node.input(1), facts), r = dims_of(node.input(2), facts);
  if (!x || x->size() != 3 || !w || !r) return std::nullopt;
  const auto weights = product(*w), recurrence = product(*r), steps = times((*x)[0], (*x)[1]);
  return weights && recurrence ? times(checked_add(*weights, *recurrence), steps) : std::nullopt;
}

std::optional<std::int64_t> bytes_of_value(const Value& v, const Facts& facts) {
  const auto dims = dims_of(&v, facts);
  const auto it = facts.find(&v);
  const DType dtype = it != facts.end() && it->second.dtype != DType::undefined ? it->second.dtype : v.dtype;
  if (!dims || bits(dtype) == 0) return std::nullopt;
  const auto count = product(*dims);
  if (!count || *count > INT64_MAX / 16) return std::nullopt;
  return static_cast<std::int64_t>(bytes_of(dtype, static_cast<std::size_t>(*count)));
}

void each_read(const Node& node, const std::function<void(const Value*)>& f) {
  for (const Value* v : node.inputs)
    if (v) f(v);
  node.each_body([&](const Graph& body) {
    for (const Node* inner : body.nodes()) each_read(*inner, f);
    for (const Value* v : body.outputs) f(v);
  });
}

// Two products for each head: queries with keys, weights with values.
std::optional<std::int64_t> attention_macs(const std::optional<Dims>& out, std::optional<std::int64_t> keys, std::int64_t q_columns) {
  if (!out || out->size() != 3) return std::nullopt;
  return times(times((*out)[0], (*out)[1]), times(keys, checked_add(q_columns, (*out)[2])));
}

// Operators of com.microsoft.
std::optional<std::int64_t> microsoft_macs(const Node& node, const Facts& facts) {
  const auto in = [&](std::size_t i) { return dims_of(node.input(i), facts); };
  const auto out = dims_of(node.output(0), facts);
  const std::string_view op = node.op;
  if (op == "FusedConv" || op == "NhwcFusedConv") return filter_macs(out, in(1));
  if (op == "QLinearConv") return filter_macs(out, in(3));
  if (op == "MatMulIntegerToFloat" || op == "DynamicQuantizeMatMul" || op == "MatMulNBits") return matmul_macs(in(0), out);
  if (op == "FusedMatMul" || op == "TransposeMatMul" || op == "FusedGemm" || op == "QGemm") {
    const auto a = in(0);
    if (!a || a->empty() || !out) return std::nullopt;
    const bool swap = node.integer("transA") != 0 && a->size() > 1, batch = node.integer("transBatchA") != 0 && a->size() > 2;
    return times(product(*out), swap ? (batch ? a->front() : a->end()[-2]) : a->back());
  }
  const auto q = in(0), k = in(1);
  if (op == "Attention" || op == "QAttention") {  // the projection, then the heads
    const auto past = in(op == "Attention" ? 4 : 8);
    if (!q || q->size() != 3 || !k || k->size() != 2 || !out || out->size() != 3) return std::nullopt;
    const auto keys = checked_add((*q)[1], past && past->size() == 5 ? (*past)[3] : 0);
    const auto heads = attention_macs(out, keys, ((*k)[1] - (*out)[2]) / 2), projection = times(product(*q), (*k)[1]);
    return heads && projection ? checked_add(*heads, *projection) : std::nullopt;
  }
  if (op == "MultiHeadAttention") {
    const auto past = in(6);
    if (!q || q->size() < 3 || !out || out->empty()) return std::nullopt;
    if (q->size() != 5 && (!k || k->size() < 3)) return std::nullopt;
    const std::int64_t fresh = q->size() == 5 ? (*q)[1] : k->size() == 4 ? (*k)[2] : (*k)[1];
    return attention_macs(out, checked_add(fresh, past && past->size() == 4 ? (*past)[2] : 0), q->size() == 5 ? out->back() : q->back());
  }
  if (op == "GroupQueryAttention") {
    const auto present = dims_of(node.output(1), facts);
    if (!out || !present || present->size() != 4) return std::nullopt;
    return attention_macs(out, (*present)[2], out->back());
  }
  return 0;
}

}  // namespace

std::optional<std::int64_t> macs(const Node& node, const Facts& facts) {
  if (node.domain == "com.microsoft") return microsoft_macs(node, facts);
  const auto in = [&](std::size_t i) { return dims_of(node.input(i), facts); };
  const auto out = dims_of(node.output(0), facts);
  if (node.is("Conv") || node.is("ConvInteger")) return filter_macs(out, in(1));
  if (node.is("QLinearConv")) return filter_macs(out, in(3));
  if (node.is("ConvTranspose")) return filter_macs(in(0), in(1));
  if (node.is("MatMul") || node.is("MatMulInteger") || node.is("QLinearMatMul")) return matmul_macs(in(0), out);
  if (node.is("Gemm")) {
    const auto a = in(0);
    if (!a || a->size() != 2 || !out) return std::nullopt;
    return times(product(*out), (*a)[node.integer("transA") != 0 ? 0 : 1]);
  }
  if (node.is("LSTM") || node.is("GRU") || node.is("RNN")) return recurrent_macs(node, facts);
  return 0;
}

ActivationPeak activation_peak(const Graph& graph, const Facts& facts) {
  std::unordered_map<const Value*, std::size_t> last_use;
  const std::size_t end = graph.nodes().size();
  for (std::size_t i = 0; i < end; ++i) each_read(*graph.nodes()[i], [&](const Value* v) { last_use[v] = i; });
  for (const Value* v : graph.outputs) last_use[v] = end;
  ActivationPeak peak;
  std::int64_t live = 0;
  const auto count = [&](const Value* v) -> std::int64_t {
    if (v->constant || v->graph != &graph) return 0;
    const auto bytes = bytes_of_value(*v, facts);
    if (!bytes) peak.unknown.push_back(v);
    return bytes.value_or(0);
  };
  std::unordered_map<const Value*, std::int64_t> held;
  std::vector<std::vector<const Value*>> dies(end + 1);
  const auto hold = [&](const Value* v, std::size_t made) {
    live += held[v] = count(v);
    dies[std::max(made, last_use.contains(v) ? last_use[v] : made)].push_back(v);
  };
  for (const Value* v : graph.inputs)
    if (!held.contains(v)) hold(v, 0);
  for (std::size_t i = 0; i < end; ++i) {
    for (const Value* v : graph.nodes()[i]->outputs)
      if (v) hold(v, i);
    if (live > peak.bytes || !peak.at) peak.bytes = live, peak.at = graph.nodes()[i];
    for (const Value* v : dies[i]) live -= held[v];
  }
  return peak;
}

}  // namespace hone
