// SPDX-License-Identifier: Apache-2.0
// The simple recurrent network: h' = f(W x + R h + biases).
#include "lib/ops/recurrent.h"

namespace hone {

static Status infer(InferCall& c) { return infer_recurrent(c, 1, false); }

static Status run(OpCall& call) {
  TRY(const RecurrentCase c, recurrent_case(call, 1));
  static constexpr std::string_view defaults[] = {"Tanh"};
  TRY(const std::vector<Activation> activations, activations_of(call.node, static_cast<std::size_t>(c.dirs), defaults));
  return dispatch_real(call.in(0).dtype(), [&]<class A>(Type<A>) {
    std::vector<A> next(static_cast<std::size_t>(c.hidden));
    walk<A>(call, c, false, [&](std::int64_t d, const RecurrentWeights<A>& weights, const A* x, A* h, A*) {
      for (std::int64_t k = 0; k < c.hidden; ++k) {
        const A sum = weights.of_input(c, k, x) + weights.of_hidden(c, k, h);
        next[static_cast<std::size_t>(k)] = static_cast<A>(activations[static_cast<std::size_t>(d)](c.clipped(static_cast<double>(sum))));
      }
      std::ranges::copy(next, h);
    });
  });
}
extern const Op rnn_op{.name = "RNN",
                       .since = 7,
                       .inputs = "X: T, W: T, R: T, B?: T, sequence_lens?: I, initial_h?: T",
                       .outputs = "Y?: T, Y_h?: T",
                       .attributes = recurrent_attributes,
                       .types = "T: floats; I: int32",
                       .infer = infer,
                       .reference = run};

}  // namespace hone
