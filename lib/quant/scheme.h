// SPDX-License-Identifier: Apache-2.0
// What of a graph becomes integers: decided before anything is measured, from the graph alone.
//
// Convolutions and matrix products with constant weights are where the time goes; they become integers unless excluded. What
// stands between them (additions, pools, activations, concatenations, reshapes) does too when all its inputs come as
// integers and its result feeds another one of them. So what comes before the first and after the last product stays float:
// softmax, decoding of boxes, normalization. A Relu or Clip after a product or addition is absorbed: the range observed is
// that after it.
#pragma once
#include <set>
#include <string>

#include "lib/ir/graph.h"

namespace hone {

struct SchemeOptions {
  std::set<std::string, std::less<>> exclude, skip_ops;  // node names, operators
};

struct QuantizedNode {
  Node* node = nullptr;
  bool heavy = false;            // weights in input 1, and perhaps a bias in input 2
  Node* bias_add = nullptr;      // MatMul: the Add of a constant vector right after it
  Value* result = nullptr;       // the value to quantize: the node's output, or that of what was absorbed
};

struct Scheme {
  std::vector<QuantizedNode> nodes;         // in graph order
  std::vector<Value*> tensors;              // activations to quantize, in graph order
  std::vector<std::size_t> group;           // for each: the first tensor that it shares scale and zero point with (itself when alone)
  std::vector<std::pair<std::string, std::string>> skipped;  // heavy nodes that stay float, and why
};
// Errors: a name of `exclude` or `skip_ops` that is not in the graph.
Result<Scheme> make_scheme(Graph&, const SchemeOptions&);

// The axis of a heavy node's weights that counts output channels; -1 when there is none (one scale serves all).
int channel_axis(const Node&);

}  // namespace hone
