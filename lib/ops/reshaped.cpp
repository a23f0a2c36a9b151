// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/reshaped.h"

namespace hone {

Status run_reshaped(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const auto dims = facts[0].shape.concrete();
  if (!dims) return invalid("the inputs do not determine the output, of shape {}", to_string(facts[0].shape));
  c.set(0, c.in(0).reshaped(*dims));
  return Ok{};
}

Status axes_to_input(Graph& g, Node& n, int) {
  attribute_to_input(g, n, "axes", 1);
  return Ok{};
}

}  // namespace hone
