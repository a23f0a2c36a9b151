// SPDX-License-Identifier: Apache-2.0
// Random numbers of the random operators: the same on every machine for one seed attribute and node.
#pragma once
#include "lib/ops/rule.h"

namespace hone {

class Random {
 public:
  // From the node's `seed`; without one, from the name of its first output, so that nodes differ and runs do not.
  explicit Random(const Node&);
  double uniform();  // in [0, 1)
  double normal();   // mean 0, deviation 1

 private:
  std::uint64_t next();
  std::uint64_t state_;
};

// Rules: the shape of the attribute `shape`, or of input 0, and the type of the attribute `dtype`, or of input 0, or float.
Status infer_random(InferCall&);
Status infer_random_like(InferCall&);
// Loops: uniform numbers in [low, high), or normal ones by mean and scale, as the node's attributes say.
Status run_uniform(OpCall&);
Status run_normal(OpCall&);

}  // namespace hone
