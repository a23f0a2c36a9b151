// SPDX-License-Identifier: Apache-2.0
// Gated recurrent unit; gates z, r, h in W, R and B:
//   z = f(Wz x + Rz h)   r = f(Wr x + Rr h)   n = g(Wh x + Rh (r.h))   h' = (1 - z).n + z.h
// With linear_before_reset r multiplies the product instead: n = g(Wh x + r.(Rh h)).
#include "lib/ops/recurrent.h"

namespace hone {

static Status infer(InferCall& c) { return infer_recurrent(c, 3, false); }

static Status run(OpCall& call) {
  TRY(const RecurrentCase c, recurrent_case(call, 3));
  static constexpr std::string_view defaults[] = {"Sigmoid", "Tanh"};
  TRY(const std::vector<Activation> activations, activations_of(call.node, static_cast<std::size_t>(c.dirs), defaults));
  const bool linear_before_reset = call.node.integer("linear_before_reset") != 0;
  return dispatch_real(call.in(0).dtype(), [&]<class A>(Type<A>) {
    const auto size = static_cast<std::size_t>(c.hidden);
    std::vector<A> update(size), reset(size), product(size), next(size);
    walk<A>(call, c, false, [&](std::int64_t d, const RecurrentWeights<A>& weights, const A* x, A* h, A*) {
      const Activation* act = activations.data() + d * 2;
      const std::int64_t n = c.hidden;
      const auto squash = [&](const Activation& a, A v) { return static_cast<A>(a(c.clipped(static_cast<double>(v)))); };
      for (std::int64_t k = 0; k < n; ++k) {
        const auto i = static_cast<std::size_t>(k);
        update[i] = squash(act[0], weights.of_input(c, k, x) + weights.of_hidden(c, k, h));
        reset[i] = squash(act[0], weights.of_input(c, n + k, x) + weights.of_hidden(c, n + k, h));
        product[i] = reset[i] * h[k];
      }
      for (std::int64_t k = 0; k < n; ++k) {
        const auto i = static_cast<std::size_t>(k);
        const A hidden =
            linear_before_reset ? reset[i] * weights.of_hidden(c, 2 * n + k, h) : weights.of_hidden(c, 2 * n + k, product.data());
        next[i] = squash(act[1], weights.of_input(c, 2 * n + k, x) + hidden);
      }
      for (std::size_t i = 0; i < size; ++i) h[i] = (1 - update[i]) * next[i] + update[i] * h[i];
    });
  });
}
extern const Op gru_op{.name = "GRU",
                       .since = 7,
                       .inputs = "X: T, W: T, R: T, B?: T, sequence_lens?: I, initial_h?: T",
                       .outputs = "Y?: T, Y_h?: T",
                       .attributes = recurrent_attributes,
                       .types = "T: floats; I: int32",
                       .infer = infer,
                       .reference = run};

}  // namespace hone
