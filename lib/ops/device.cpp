// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/device.h"

#include <algorithm>

namespace hone {

std::span<const Op* const> device_op_table();  // generated

Status check_device(const Graph& graph) {
  for (const Node* node : graph.nodes()) {
    if (std::ranges::find(device_op_table(), node->schema) == device_op_table().end())
      return invalid(
          "{}: hone-target does not have this operator (it is one of the workstation's); run the model with 'hone run', or rewrite the "
          "node with standard inference operators",
          describe(*node));
    for (const auto* values : {&node->inputs, &node->outputs})
      for (const Value* v : *values)
        if (v && is_aggregate(v->dtype))
          return invalid("{}: '{}' is a {}, which hone-target does not have; run the model with 'hone run'", describe(*node), v->name,
                         name(v->dtype));
    Status bodies = Ok{};
    node->each_body([&](Graph& body) {
      if (bodies) bodies = check_device(body);
    });
    CHECK_OK(std::move(bodies));
  }
  return Ok{};
}

}  // namespace hone
