// SPDX-License-Identifier: Apache-2.0
// A graph's interface: the inputs that must be fed, and the outputs.
#pragma once
#include "lib/base/interface.h"
#include "lib/ir/graph.h"

namespace hone {

inline Interface interface_of(const Graph& graph) {
  const auto port = [](const Value& v) {
    Port p{v.name, v.dtype, std::nullopt};
    if (!v.shape.ranked) return p;
    p.shape.emplace();
    for (const Dim& d : v.shape.dims) p.shape->push_back(d.known() ? d.value : Port::any);
    return p;
  };
  Interface interface;
  for (const Value* v : graph.inputs)
    if (!v->constant) interface.inputs.push_back(port(*v));
  for (const Value* v : graph.outputs) interface.outputs.push_back(port(*v));
  return interface;
}

}  // namespace hone
