// SPDX-License-Identifier: Apache-2.0
// What a graph costs: multiply-accumulates of each node, and the memory its activations need at the worst moment.
#pragma once
#include "lib/ops/infer.h"

namespace hone {

// Multiply-accumulates of Conv, ConvTranspose, Gemm, MatMul, recurrent layers and their integer forms; 0 for every other operator.
// Nothing when a shape it depends on is not known.
std::optional<std::int64_t> macs(const Node&, const Facts&);

struct ActivationPeak {
  std::int64_t bytes = 0;
  const Node* at = nullptr;        // where; null for a graph without nodes
  std::vector<const Value*> unknown;  // values whose size is not known: not counted
};
// The largest sum, over the nodes of the graph in order, of the graph inputs and results that are still needed. Constants
// are not counted, nor what happens inside bodies.
ActivationPeak activation_peak(const Graph&, const Facts&);

}  // namespace hone
