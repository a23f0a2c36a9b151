// SPDX-License-Identifier: Apache-2.0
// Magnitude pruning (Han et al. 2015, "Learning both Weights and Connections", section 3): the weights of smallest absolute value
// become zero. Unstructured, or N:M (in every M consecutive weights along the reduction axis, N are kept: Mishra et al. 2021,
// "Accelerating Sparse Deep Neural Networks").
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "lib/ir/graph.h"

namespace hone {

struct PruneOptions {
  double sparsity = 0.5;                             // share of the prunable weights to zero, in [0, 1); unstructured only
  int keep = 0, of = 0;                              // N:M when of > 0, 0 < keep < of
  bool global = true;                                // one threshold for all layers; else each layer gets the same share
  std::function<bool(const Node&)> exclude = {};     // layers to leave alone
};

struct PrunedLayer {
  std::string weight, node;  // names
  std::int64_t count = 0, zeros_before = 0, zeros_after = 0;
};

// Prunes the constant float32 weights of Conv, ConvTranspose, Gemm and MatMul in place, bodies included. Depthwise weights
// (one input channel a group) and biases are left alone: they are few and sensitive. Ties go to the earlier weight, so the
// result is the same everywhere and the number of zeros exact. Weights already zero count towards the target. A weight used by
// several nodes is pruned once. Error: nothing to prune; N:M that no layer's reduction axis is divisible by.
Result<std::vector<PrunedLayer>> prune(Model&, const PruneOptions&);

}  // namespace hone
