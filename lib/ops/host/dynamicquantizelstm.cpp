// SPDX-License-Identifier: Apache-2.0
// LSTM with 8-bit weights, W (dirs, input, 4 * hidden) and R (dirs, hidden, 4 * hidden), each with one scale and zero point for a direction
// or one for each column. What they multiply is quantized to uint8 by its own range first: all of X at once, the hidden states of a whole
// batch at each step. The rest is LSTM's: gates i, o, f, c, peepholes i, o, f.
#include "lib/ops/host/_quantized.h"
#include "lib/ops/recurrent.h"

namespace hone {
namespace {

struct Sizes {
  std::int64_t seq, batch, input, hidden, dirs;
};

Status expect_dims(const InferCall& c, std::size_t i, const Dims& wanted) {
  const auto dims = c.shape(i).concrete();
  if (!dims || *dims == wanted) return Ok{};
  return invalid("input {} has shape {}, expected {}", i, to_string(*dims), to_string(wanted));
}

Status infer(InferCall& c) {
  for (const std::size_t i : {0, 1, 2}) CHECK_OK(expect_rank(c, i, 3, i == 0 ? "X" : i == 1 ? "W" : "R"));
  const std::string_view direction = c.node.text("direction", "forward");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return invalid("direction is '{}', expected forward, reverse or bidirectional", direction);
  const std::int64_t dirs = direction == "bidirectional" ? 2 : 1;
  const Shape &x = c.shape(0), &w = c.shape(1), &r = c.shape(2);
  const Dim hidden = r.ranked ? r.dims[1] : Dim(c.node.integer("hidden_size", -1)), seq = x.ranked ? x.dims[0] : Dim(),
            batch = x.ranked ? x.dims[1] : Dim();
  if (x.ranked && w.ranked) CHECK_OK(unify(x.dims[2], w.dims[1]).in("columns of X and rows of W"));
  if (hidden.known() && x.known()) {
    const std::int64_t n = hidden.value, b = batch.value;
    if (n > (std::int64_t{1} << 31)) return invalid("hidden_size is {}", n);
    CHECK_OK(expect_dims(c, 1, {dirs, x.dims[2].value, 4 * n}));
    CHECK_OK(expect_dims(c, 2, {dirs, n, 4 * n}));
    if (c.has(3)) CHECK_OK(expect_dims(c, 3, {dirs, 8 * n}));
    if (c.has(4)) CHECK_OK(expect_dims(c, 4, {b}));
    for (const std::size_t i : {5, 6})
      if (c.has(i)) CHECK_OK(expect_dims(c, i, {dirs, b, n}));
    if (c.has(7)) CHECK_OK(expect_dims(c, 7, {dirs, 3 * n}));
    for (const std::size_t i : {8, 9, 10, 11})
      if (const auto dims = c.shape(i).concrete(); dims && count_of(*dims) != dirs && *dims != Dims{dirs, 4 * n})
        return invalid("input {} has shape {}, expected {} or {}", i, to_string(*dims), dirs, to_string(Dims{dirs, 4 * n}));
  }
  c.set(0, DType::f32, Shape{seq, dirs, batch, hidden});
  for (const std::size_t i : {1, 2}) c.set(i, DType::f32, Shape{dirs, batch, hidden});
  return Ok{};
}

// Weights of all directions, dequantized: (dirs, rows, columns).
std::vector<float> weights(const OpCall& c, std::size_t i, std::size_t scale) {
  const Dims& d = c.in(i).dims();
  const ReadAs<float> q(c.in(i)), s(c.in(scale)), z(c.in(scale + 1));
  const bool each_scale = c.in(scale).count() != d[0], each_zero = c.in(scale + 1).count() != d[0];
  std::vector<float> out(static_cast<std::size_t>(c.in(i).count()) + 1);
  for (std::int64_t k = 0; k < c.in(i).count(); ++k) {
    const std::int64_t dir = k / (d[1] * d[2]), column = dir * d[2] + k % d[2];
    out[static_cast<std::size_t>(k)] = (q[k] - z[each_zero ? column : dir]) * s[each_scale ? column : dir];
  }
  return out;
}

// x, rounded to 256 steps of its own range.
void round_to_range(std::span<float> x) {
  const Grid grid = dynamic_grid(x);
  for (float& v : x) v = grid.real(grid.quantized(v, range_of(DType::u8)));
}

// y += x (n) * m (n, columns).
void add_product(const float* x, std::int64_t n, const float* m, std::int64_t columns, float* y) {
  for (std::int64_t k = 0; k < n; ++k)
    for (std::int64_t j = 0; j < columns; ++j) y[j] += x[k] * m[k * columns + j];
}

struct Direction {
  const Sizes& s;
  const float *w, *r, *bias, *peepholes;  // bias: of W, then of R; may be null, as may be the peepholes
  const Activation* act;
  float clip;
  bool coupled;
  // One sequence's next state from its input and its hidden state rounded.
  void step(const float* x, const float* rounded, float* h, float* cell) const {
    const std::int64_t n = s.hidden;
    std::vector<float> gates(static_cast<std::size_t>(4 * n) + 1, 0.0f);
    add_product(x, s.input, w, 4 * n, gates.data());
    add_product(rounded, n, r, 4 * n, gates.data());
    for (std::int64_t k = 0; k < n; ++k) {
      const auto gate = [&](std::int64_t g, const Activation& f, float peephole) {
        const float sum = gates[static_cast<std::size_t>(g * n + k)] + (bias ? bias[g * n + k] + bias[(4 + g) * n + k] : 0) + peephole;
        return static_cast<float>(f(static_cast<double>(clip > 0 ? std::fmax(-clip, std::fmin(clip, sum)) : sum)));
      };
      const float i = gate(0, act[0], peepholes ? peepholes[k] * cell[k] : 0);
      const float f = coupled ? 1 - i : gate(2, act[0], peepholes ? peepholes[2 * n + k] * cell[k] : 0);
      cell[k] = f * cell[k] + i * gate(3, act[1], 0);
      const float o = gate(1, act[0], peepholes ? peepholes[n + k] * cell[k] : 0);
      h[k] = o * static_cast<float>(act[2](static_cast<double>(cell[k])));
    }
  }
};

Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const Dims y_dims = *facts[0].shape.concrete();
  CHECK_OK(check_size(y_dims));
  const Sizes s{y_dims[0], y_dims[2], c.in(0).dims()[2], y_dims[3], y_dims[1]};
  static constexpr std::string_view defaults[] = {"Sigmoid", "Tanh", "Tanh"};
  TRY(const std::vector<Activation> activations, activations_of(c.node, static_cast<std::size_t>(s.dirs), defaults));
  std::vector<std::int64_t> lengths = c.has(4) ? c.in(4).to_ints() : std::vector<std::int64_t>(static_cast<std::size_t>(s.batch), s.seq);
  for (const std::int64_t n : lengths)
    if (n < 0 || n > s.seq) return invalid("sequence_lens holds {}, expected 0 to {}", n, s.seq);
  std::vector<float> x = c.in(0).to_floats();
  round_to_range(x);
  const std::vector<float> w = weights(c, 1, 8), r = weights(c, 2, 10);
  const ReadAs<float> bias(c.find(3)), peepholes(c.find(7));
  Tensor y = Tensor::allocate(DType::f32, y_dims), h = Tensor::allocate(DType::f32, {s.dirs, s.batch, s.hidden}),
         cell = Tensor::allocate(DType::f32, h.dims());
  if (c.has(5)) std::copy_n(c.in(5).data<float>(), h.count(), h.data<float>());
  if (c.has(6)) std::copy_n(c.in(6).data<float>(), cell.count(), cell.data<float>());
  const std::int64_t state = s.batch * s.hidden;
  for (std::int64_t d = 0; d < s.dirs; ++d) {
    const Direction direction{s,
                              w.data() + d * s.input * 4 * s.hidden,
                              r.data() + d * s.hidden * 4 * s.hidden,
                              bias ? bias.data() + d * 8 * s.hidden : nullptr,
                              peepholes ? peepholes.data() + d * 3 * s.hidden : nullptr,
                              activations.data() + d * 3,
                              c.node.number("clip", 0),
                              c.node.integer("input_forget") != 0};
    const bool backwards = d == 1 || c.node.text("direction", "forward") == "reverse";
    for (std::int64_t k = 0; k < s.seq; ++k) {
      std::vector<float> rounded(h.data<float>() + d * state, h.data<float>() + (d + 1) * state);
      round_to_range(rounded);
      for (std::int64_t b = 0; b < s.batch; ++b) {
        const std::int64_t length = lengths[static_cast<std::size_t>(b)], t = backwards ? length - 1 - k : k;
        if (k >= length) continue;
        float* hidden = h.data<float>() + d * state + b * s.hidden;
        direction.step(x.data() + (t * s.batch + b) * s.input, rounded.data() + b * s.hidden, hidden,
                       cell.data<float>() + d * state + b * s.hidden);
        std::copy_n(hidden, s.hidden, y.data<float>() + ((t * s.dirs + d) * s.batch + b) * s.hidden);
      }
    }
  }
  c.set(0, std::move(y));
  c.set(1, std::move(h));
  c.set(2, std::move(cell));
  return Ok{};
}

}  // namespace

extern const Op dynamicquantizelstm_op{
    .name = "DynamicQuantizeLSTM",
    .domain = "com.microsoft",
    .inputs =
        "X: T, W: T2, R: T2, B?: T, sequence_lens?: T1, initial_h?: T, initial_c?: T, P?: T, W_scale: T, W_zero_point: T2, R_scale: T, "
        "R_zero_point: T2",
    .outputs = "Y?: T, Y_h?: T, Y_c?: T",
    .attributes =
        "activation_alpha: floats, activation_beta: floats, activations: strings, clip: float, direction: string = forward, hidden_size: "
        "int, "
        "input_forget: int = 0",
    .types = "T: float; T1: int32; T2: int8 uint8",
    .infer = infer,
    .reference = run};

}  // namespace hone
