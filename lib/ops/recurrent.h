// SPDX-License-Identifier: Apache-2.0
// What LSTM, GRU and RNN share: shapes, activations, directions, sequence lengths and the walk over time.
//   X (seq, batch, input); W (dirs, gates*hidden, input); R (dirs, gates*hidden, hidden); B (dirs, 2*gates*hidden);
//   initial states (dirs, batch, hidden); Y (seq, dirs, batch, hidden); Y_h (dirs, batch, hidden). layout 1 puts batch first.
#pragma once
#include <string>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

inline constexpr std::string_view recurrent_attributes =
    "activation_alpha: floats, activation_beta: floats, activations: strings, clip: float, direction: string = forward, hidden_size: int, "
    "input_forget: int = 0, layout: int = 0, linear_before_reset: int = 0";

// Rule for `gates` gates (LSTM 4, GRU 3, RNN 1); `cell`: initial_c (input 6) and Y_c (output 2) exist.
Status infer_recurrent(InferCall&, std::int64_t gates, bool cell);

struct Activation {
  enum class Kind : std::uint8_t {
    relu,
    tanh,
    sigmoid,
    affine,
    leaky_relu,
    thresholded_relu,
    scaled_tanh,
    hard_sigmoid,
    elu,
    softsign,
    softplus
  };
  Kind kind = Kind::tanh;
  double alpha = 0, beta = 0;
  double operator()(double x) const;
};
// The activations of a node with `dirs` directions, as many for each as `defaults` names.
Result<std::vector<Activation>> activations_of(const Node&, std::size_t dirs, std::span<const std::string_view> defaults);

struct RecurrentCase {
  std::int64_t seq, batch, input, hidden, dirs, gates;
  bool batch_first, reverse_only;
  std::vector<std::int64_t> lengths;  // of each sequence of the batch
  double clip = 0;                    // 0: none
  // Element offsets of time t and batch b in X; of time t, direction d and batch b in Y; of d and b in a state.
  std::int64_t x(std::int64_t t, std::int64_t b) const { return (batch_first ? b * seq + t : t * batch + b) * input; }
  std::int64_t y(std::int64_t t, std::int64_t d, std::int64_t b) const {
    return (batch_first ? (b * seq + t) * dirs + d : (t * dirs + d) * batch + b) * hidden;
  }
  std::int64_t state(std::int64_t d, std::int64_t b) const { return (batch_first ? b * dirs + d : d * batch + b) * hidden; }
  double clipped(double v) const { return clip > 0 ? std::max(-clip, std::min(clip, v)) : v; }
};
// REQUIRES: infer_recurrent accepts the actual inputs.
Result<RecurrentCase> recurrent_case(const OpCall&, std::int64_t gates);

// The weights of one direction.
template <class A>
struct RecurrentWeights {
  const A *w, *r, *wb, *rb;  // (gates*hidden, input), (gates*hidden, hidden), biases (gates*hidden) or null
  // Row `row` of W times x plus its bias; row of R times h plus its bias.
  A of_input(const RecurrentCase& c, std::int64_t row, const A* x) const { return dot(w + row * c.input, x, c.input) + (wb ? wb[row] : 0); }
  A of_hidden(const RecurrentCase& c, std::int64_t row, const A* h) const {
    return dot(r + row * c.hidden, h, c.hidden) + (rb ? rb[row] : 0);
  }
  static A dot(const A* a, const A* b, std::int64_t n) {
    A sum = 0;
    for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
  }
};

// Walks every direction, sequence and time: step(direction, weights, x, h, c) turns the states h and c (c only for LSTM) into the next.
// Writes Y, Y_h and Y_c; past a sequence's length Y is zero.
template <class A, class Step>
void walk(OpCall& call, const RecurrentCase& c, bool cell, Step step) {
  const ReadAs<A> x(call.in(0)), w(call.in(1)), r(call.in(2)), b(call.find(3)), h0(call.find(5)), c0(cell ? call.find(6) : nullptr);
  const DType dtype = call.in(0).dtype();
  const Dims states = c.batch_first ? Dims{c.batch, c.dirs, c.hidden} : Dims{c.dirs, c.batch, c.hidden};
  WriteAs<A> y(call.make(0, dtype, c.batch_first ? Dims{c.batch, c.seq, c.dirs, c.hidden} : Dims{c.seq, c.dirs, c.batch, c.hidden}));
  Tensor y_h = Tensor::allocate(dtype, states), y_c = Tensor::allocate(dtype, states);
  {
    WriteAs<A> last_h(y_h), last_c(y_c);
    const std::int64_t rows = c.gates * c.hidden;
    for (std::int64_t d = 0; d < c.dirs; ++d) {
      const A* biases = b ? b.data() + d * 2 * rows : nullptr;
      const RecurrentWeights<A> weights{w.data() + d * rows * c.input, r.data() + d * rows * c.hidden, biases,
                                        biases ? biases + rows : nullptr};
      for (std::int64_t i = 0; i < c.batch; ++i) {
        A *h = last_h.data() + c.state(d, i), *cs = last_c.data() + c.state(d, i);
        if (h0) std::copy_n(h0.data() + c.state(d, i), c.hidden, h);
        if (c0) std::copy_n(c0.data() + c.state(d, i), c.hidden, cs);
        const std::int64_t length = c.lengths[static_cast<std::size_t>(i)];
        for (std::int64_t k = 0; k < length; ++k) {
          const std::int64_t t = d == 1 || c.reverse_only ? length - 1 - k : k;
          step(d, weights, x.data() + c.x(t, i), h, cs);
          std::copy_n(h, c.hidden, y.data() + c.y(t, d, i));
        }
      }
    }
  }
  if (call.wants(1)) call.set(1, std::move(y_h));
  if (call.wants(2)) call.set(2, std::move(y_c));
}

}  // namespace hone
