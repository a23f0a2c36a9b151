// SPDX-License-Identifier: Apache-2.0
// Initializers listed among the inputs become plain constants, as every exporter wrote them before IR 4.
//
// Declines when some initializer of the main graph is not listed: then those that are listed are meant as defaults that a caller may
// override, and folding them would change the interface.
#include <algorithm>

#include "lib/rewrite/graph_edit.h"

namespace hone {

static Result<int> run(Graph& graph) {
  for (const Value* v : graph.values())
    if (v->constant && is_fixed(v)) return 0;
  return static_cast<int>(std::erase_if(graph.inputs, [](const Value* v) { return v->constant.has_value(); }));
}

extern const Pass drop_input_defaults_pass{
    .name = "drop-input-defaults", .help = "make initializers that are listed as inputs plain constants, when all are", .run = run};

}  // namespace hone
