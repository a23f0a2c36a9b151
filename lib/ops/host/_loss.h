// SPDX-License-Identifier: Apache-2.0
// What the losses of class probabilities share: log-probabilities (N, C, d1, ...), targets (N, d1, ...) of which `ignore_index` does
// not count, a weight for each class, and a reduction.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

// Output 0, from inputs 0 (scores), 1 (targets), 2 (weights).
Status infer_loss(InferCall&);
// Computes output 0. `log_probabilities` has the elements of input 0.
Status run_loss(OpCall&, std::span<const double> log_probabilities);

}  // namespace hone
