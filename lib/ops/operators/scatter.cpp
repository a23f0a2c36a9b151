// SPDX-License-Identifier: Apache-2.0
// Deprecated since opset 11: ScatterElements under its old name.
#include "lib/ops/rule.h"

namespace hone {

static Status upgrade(Graph&, Node& n, int) {
  become(n, "ScatterElements");
  return Ok{};
}
extern const Op scatter_op{.name = "Scatter",
                           .since = 1000,
                           .inputs = "data: T, indices: I, updates: T",
                           .outputs = "output: T",
                           .attributes = "axis: int = 0",
                           .types = "T: all; I: int32 int64",
                           .upgrade = upgrade};

}  // namespace hone
