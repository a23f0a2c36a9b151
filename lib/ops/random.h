// SPDX-License-Identifier: Apache-2.0
// What the random operators share. The numbers are the same on every machine: nothing here calls libm, whose last bit differs.
#pragma once
#include "lib/base/random.h"
#include "lib/ops/rule.h"

namespace hone {

// The stream of a node: from its attribute `seed`; without one from --seed and the name of its first output, so that nodes differ and runs
// do not. Each iteration of a loop around the node has a stream of its own.
Random random_of(const Node&);
double draw_normal(Random&);  // mean 0, deviation 1
double portable_exp(double);

// Counts the iterations of the Loops and Scans that this thread is in, one within the other. Alive for one iteration.
class RandomIteration {
 public:
  explicit RandomIteration(std::int64_t iteration);
  RandomIteration(const RandomIteration&) = delete;
  ~RandomIteration();

 private:
  std::uint64_t outer_;
};

// Rules: the element type that `dtype` says, of the shape that `shape` says, or of input 0's shape and, without `dtype`, type.
Status infer_random(InferCall&);
Status infer_random_like(InferCall&);
// Loops: uniform numbers in [low, high), normal ones by mean and scale.
Status run_uniform(OpCall&);
Status run_normal(OpCall&);

}  // namespace hone
