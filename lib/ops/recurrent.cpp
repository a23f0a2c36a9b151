// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/recurrent.h"

#include <cmath>

namespace hone {
namespace {

Result<std::int64_t> directions_of(const Node& node) {
  const std::string_view direction = node.text("direction", "forward");
  if (direction == "forward" || direction == "reverse") return 1;
  if (direction == "bidirectional") return 2;
  return invalid("direction is '{}', expected forward, reverse or bidirectional", direction);
}

// Input i has these dims (an unknown one fits anything).
Status expect_dims(const InferCall& c, std::size_t i, std::string_view what, std::vector<Dim> expected) {
  if (!c.has(i) || !c.shape(i).ranked) return Ok{};
  const auto& dims = c.shape(i).dims;
  bool fits = dims.size() == expected.size();
  for (std::size_t k = 0; fits && k < dims.size(); ++k) fits = unify(dims[k], expected[k]).has_value();
  if (fits) return Ok{};
  return invalid("{} has shape {}, expected {}", what, to_string(c.shape(i)), to_string(Shape(std::move(expected))));
}

struct Row {
  std::string_view name;
  Activation defaults;
};
constexpr Row rows[] = {
    {"relu", {Activation::Kind::relu, 0, 0}},
    {"tanh", {Activation::Kind::tanh, 0, 0}},
    {"sigmoid", {Activation::Kind::sigmoid, 0, 0}},
    {"affine", {Activation::Kind::affine, 1, 0}},
    {"leakyrelu", {Activation::Kind::leaky_relu, 0.01, 0}},
    {"thresholdedrelu", {Activation::Kind::thresholded_relu, 1, 0}},
    {"scaledtanh", {Activation::Kind::scaled_tanh, 1, 1}},
    {"hardsigmoid", {Activation::Kind::hard_sigmoid, 0.2, 0.5}},
    {"elu", {Activation::Kind::elu, 1, 0}},
    {"softsign", {Activation::Kind::softsign, 0, 0}},
    {"softplus", {Activation::Kind::softplus, 0, 0}},
};

// How many of alpha and beta the activation takes from the attribute lists.
std::pair<bool, bool> takes(Activation::Kind kind) {
  using Kind = Activation::Kind;
  const bool both = kind == Kind::affine || kind == Kind::scaled_tanh || kind == Kind::hard_sigmoid;
  return {both || kind == Kind::leaky_relu || kind == Kind::thresholded_relu || kind == Kind::elu, both};
}

}  // namespace

double Activation::operator()(double x) const {
  switch (kind) {
    case Kind::relu: return std::fmax(x, 0);
    case Kind::tanh: return std::tanh(x);
    case Kind::sigmoid: return 1 / (1 + std::exp(-x));
    case Kind::affine: return alpha * x + beta;
    case Kind::leaky_relu: return x < 0 ? alpha * x : x;
    case Kind::thresholded_relu: return x > alpha ? x : 0;
    case Kind::scaled_tanh: return alpha * std::tanh(beta * x);
    case Kind::hard_sigmoid: return std::fmin(std::fmax(alpha * x + beta, 0), 1);
    case Kind::elu: return x < 0 ? alpha * std::expm1(x) : x;
    case Kind::softsign: return x / (1 + std::abs(x));
    case Kind::softplus: return std::fmax(x, 0) + std::log1p(std::exp(-std::abs(x)));
  }
  return x;
}

Result<std::vector<Activation>> activations_of(const Node& node, std::size_t dirs, std::span<const std::string_view> defaults) {
  const auto* given = node.find<std::vector<std::string>>("activations");
  const std::size_t count = dirs * defaults.size();
  if (given && !given->empty() && given->size() != count)
    return invalid("activations has {} values, expected {} ({} for each direction)", given->size(), count, defaults.size());
  const std::vector<float> alphas = node.numbers("activation_alpha"), betas = node.numbers("activation_beta");
  std::vector<Activation> out;
  std::size_t alpha = 0, beta = 0;  // the lists hold values only for those activations that take one
  for (std::size_t i = 0; i < count; ++i) {
    std::string wanted(given && !given->empty() ? (*given)[i] : defaults[i % defaults.size()]);
    for (char& ch : wanted) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch - 'A' + 'a') : ch;
    const auto row = std::ranges::find(rows, wanted, &Row::name);
    if (row == std::end(rows)) return invalid("activation '{}' is not known", (*given)[i]);
    Activation a = row->defaults;
    const auto [takes_alpha, takes_beta] = takes(a.kind);
    if (takes_alpha && alpha < alphas.size()) a.alpha = static_cast<double>(alphas[alpha++]);
    if (takes_beta && beta < betas.size()) a.beta = static_cast<double>(betas[beta++]);
    out.push_back(a);
  }
  return out;
}

Status infer_recurrent(InferCall& c, std::int64_t gates, bool cell) {
  TRY(const std::int64_t dirs, directions_of(c.node));
  const bool batch_first = c.node.integer("layout") != 0;
  const Shape &x = c.shape(0), &r = c.shape(2);
  CHECK_OK(expect_rank(c, 0, 3, "X"));
  CHECK_OK(expect_rank(c, 1, 3, "W"));
  CHECK_OK(expect_rank(c, 2, 3, "R"));
  const Dim batch = x.ranked ? x.dims[batch_first ? 0 : 1] : Dim(), seq = x.ranked ? x.dims[batch_first ? 1 : 0] : Dim();
  Dim hidden = c.node.find<std::int64_t>("hidden_size") ? Dim(c.node.integer("hidden_size")) : Dim();
  if (r.ranked) {
    TRY(hidden, unify(hidden, r.dims[2]).in("hidden_size and the last axis of R"));
  }
  if (hidden.known() && hidden.value > 1 << 24) return invalid("hidden_size {} is too large", hidden.value);
  const auto times = [&](std::int64_t n) { return hidden.known() ? Dim(n * hidden.value) : Dim(); };
  const Dim input = x.ranked ? x.dims[2] : Dim();
  CHECK_OK(expect_dims(c, 1, "W", {dirs, times(gates), input}));
  CHECK_OK(expect_dims(c, 2, "R", {dirs, times(gates), hidden}));
  CHECK_OK(expect_dims(c, 3, "B", {dirs, times(2 * gates)}));
  CHECK_OK(expect_dims(c, 4, "sequence_lens", {batch}));
  const std::vector<Dim> state = batch_first ? std::vector<Dim>{batch, dirs, hidden} : std::vector<Dim>{dirs, batch, hidden};
  CHECK_OK(expect_dims(c, 5, "initial_h", state));
  if (cell) CHECK_OK(expect_dims(c, 6, "initial_c", state));
  if (cell) CHECK_OK(expect_dims(c, 7, "P", {dirs, times(3)}));
  for (const std::size_t i : {1, 2, 3, 5, 6, 7}) CHECK_OK(same_dtype(c, 0, i));
  c.set(0, c.dtype(0), batch_first ? Shape{batch, seq, dirs, hidden} : Shape{seq, dirs, batch, hidden});
  c.set(1, c.dtype(0), Shape(state));
  if (cell) c.set(2, c.dtype(0), Shape(state));
  return Ok{};
}

Result<RecurrentCase> recurrent_case(const OpCall& c, std::int64_t gates) {
  CHECK_OK(outputs_by_rule(c));
  const Dims& x = c.in(0).dims();
  RecurrentCase r;
  r.batch_first = c.node.integer("layout") != 0;
  r.reverse_only = c.node.text("direction", "forward") == "reverse";
  r.seq = x[r.batch_first ? 1 : 0];
  r.batch = x[r.batch_first ? 0 : 1];
  r.input = x[2];
  r.dirs = c.in(1).dims()[0];
  r.hidden = c.in(2).dims()[2];
  r.gates = gates;
  r.clip = static_cast<double>(c.node.number("clip"));
  r.lengths = c.has(4) ? c.in(4).to_ints() : std::vector<std::int64_t>(static_cast<std::size_t>(r.batch), r.seq);
  for (const std::int64_t length : r.lengths)
    if (length < 0 || length > r.seq) return invalid("sequence_lens contains {}, expected 0 to {}", length, r.seq);
  return r;
}

}  // namespace hone
