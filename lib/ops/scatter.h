// SPDX-License-Identifier: Apache-2.0
// What ScatterElements and ScatterND share: writing an update over an element, or combining both by the reduction attribute.
#pragma once
#include "lib/ops/move.h"

namespace hone {

// A result that begins as a copy of `data`.
class Scatter {
 public:
  // An error for a reduction that is unknown or that the type does not allow.
  static Result<Scatter> begin(OpCall& c, const Tensor& data);
  // Combines updates[from, from + n) into [to, to + n) of the result.
  void write(const Tensor& updates, std::int64_t from, std::int64_t to, std::int64_t n);
  Status finish();

 private:
  Scatter(OpCall& c, const Tensor& data, std::string_view reduction);
  OpCall& call_;
  std::string_view reduction_;  // "none", "add", "mul", "max", "min"
  Tensor result_;
  std::vector<std::string> strings_;
};

}  // namespace hone
