// SPDX-License-Identifier: Apache-2.0
// Proof by execution: the same seeded random inputs through the reference interpreter, before and after.
#pragma once
#include "lib/ops/interpreter.h"

namespace hone {

struct ProofOptions {
  std::uint64_t seed = 0;
  int runs = 1;                        // with different inputs, and different guesses for unknown dimensions
  bool approximate = false;            // allow for re-association
  std::map<std::string, Dims> shapes = {};  // of inputs; guessed where absent
};

struct Proof {
  enum class Verdict { equal, different, impossible };
  Verdict verdict = Verdict::impossible;
  std::string detail;  // where they differ, or why it could not be executed
};

// Impossible: the graph holds random operators, or the graph `before` itself fails on every input that was tried.
Proof prove_equal(const Graph& before, const Graph& after, const ProofOptions&);

// Random values for every input that has no initializer. Integers are small, and now and then a constant that the graph compares the
// input with, so that both sides of an If are taken. `attempt` selects a guess for unknown dimensions.
NamedTensors random_inputs(const Graph&, const ProofOptions&, int attempt);

// The first difference beyond rounding, or nothing. `scale` of the tolerance is the largest magnitude in `a`.
std::optional<std::string> difference(const Tensor& a, const Tensor& b, bool approximate);

}  // namespace hone
