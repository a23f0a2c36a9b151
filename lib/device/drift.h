// SPDX-License-Identifier: Apache-2.0
// A candidate's outputs, counted into the bins of its reference histograms.
#pragma once
#include "lib/bundle/manifest.h"
#include "lib/ir/tensor.h"
#include "lib/stats/histogram.h"

namespace hone {

constexpr double drift_limit = 0.25;         // of the population stability index, when the gate states none
constexpr std::uint64_t drift_samples = 50;  // fewer say nothing about a distribution

class OutputCounts {
 public:
  explicit OutputCounts(const std::vector<Reference>& references);
  // One output of one run; what has no histogram is passed over.
  void add(std::string_view output, const Tensor&);
  struct Result {
    std::string name;  // "drift of 'scores' (argmax)"
    Drift drift;
  };
  std::vector<Result> results() const;  // of histograms that counted something

 private:
  const std::vector<Reference>& references_;  // the caller keeps them
  std::vector<std::vector<std::uint64_t>> counts_;
};

}  // namespace hone
