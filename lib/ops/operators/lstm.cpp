// SPDX-License-Identifier: Apache-2.0
// Long short-term memory; gates i, o, f, c in W, R and B, peepholes i, o, f in P:
//   i = f(Wi x + Ri h + Pi.c)   f = f(Wf x + Rf h + Pf.c)   c' = f.c + i.g(Wc x + Rc h)   o = f(Wo x + Ro h + Po.c')   h' = o.h(c')
#include "lib/ops/recurrent.h"

namespace hone {

static Status infer(InferCall& c) { return infer_recurrent(c, 4, true); }

static Status run(OpCall& call) {
  TRY(const RecurrentCase c, recurrent_case(call, 4));
  static constexpr std::string_view defaults[] = {"Sigmoid", "Tanh", "Tanh"};
  TRY(const std::vector<Activation> activations, activations_of(call.node, static_cast<std::size_t>(c.dirs), defaults));
  const bool coupled = call.node.integer("input_forget") != 0;
  return dispatch_real(call.in(0).dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> peepholes(call.find(7));
    std::vector<A> gates(static_cast<std::size_t>(4 * c.hidden));
    walk<A>(call, c, true, [&](std::int64_t d, const RecurrentWeights<A>& weights, const A* x, A* h, A* cell) {
      const Activation* act = activations.data() + d * 3;
      const A* p = peepholes ? peepholes.data() + d * 3 * c.hidden : nullptr;
      const std::int64_t n = c.hidden;
      for (std::int64_t row = 0; row < 4 * n; ++row)
        gates[static_cast<std::size_t>(row)] = weights.of_input(c, row, x) + weights.of_hidden(c, row, h);
      for (std::int64_t k = 0; k < n; ++k) {
        const auto gate = [&](std::int64_t g, const Activation& a, A peephole) {
          return static_cast<A>(a(c.clipped(static_cast<double>(gates[static_cast<std::size_t>(g * n + k)] + peephole))));
        };
        const A i = gate(0, act[0], p ? p[k] * cell[k] : 0);
        const A f = coupled ? 1 - i : gate(2, act[0], p ? p[2 * n + k] * cell[k] : 0);
        cell[k] = f * cell[k] + i * gate(3, act[1], 0);
        const A o = gate(1, act[0], p ? p[n + k] * cell[k] : 0);
        h[k] = o * static_cast<A>(act[2](c.clipped(static_cast<double>(cell[k]))));
      }
    });
  });
}
extern const Op lstm_op{.name = "LSTM",
                        .since = 7,
                        .inputs = "X: T, W: T, R: T, B?: T, sequence_lens?: I, initial_h?: T, initial_c?: T, P?: T",
                        .outputs = "Y?: T, Y_h?: T, Y_c?: T",
                        .attributes = recurrent_attributes,
                        .types = "T: floats; I: int32",
                        .infer = infer,
                        .reference = run};

}  // namespace hone
