// SPDX-License-Identifier: Apache-2.0
// What the gradient optimizers share. Inputs: the learning rate, the update count, then the n tensors X, their n gradients, and n tensors
// of each state; outputs: the n new X and the new states.
#pragma once
#include <functional>

#include "lib/ops/rule.h"

namespace hone {

struct Update {  // of one element
  double x, gradient, state[2];
};

// REQUIRES (both): states is 1 or 2, the number of state tensors for each X.
Status infer_optimizer(InferCall&, std::size_t states);
// Calls step(update, rate, count) for every element; it changes x and the states.
Status run_optimizer(OpCall&, std::size_t states, const std::function<void(Update&, double rate, double count)>& step);

}  // namespace hone
