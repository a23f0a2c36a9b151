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

// The type that the attribute `dtype` says, or `otherwise`; an error when it is no float type.
Result<DType> random_dtype(const Node&, DType otherwise);
// Fills y with uniform numbers in [low, high), or normal ones by mean and scale, as the node's attributes say.
void fill_uniform(const Node&, Tensor& y);
void fill_normal(const Node&, Tensor& y);

}  // namespace hone
