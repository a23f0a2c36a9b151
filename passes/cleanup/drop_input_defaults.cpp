// SPDX-License-Identifier: Apache-2.0
// Initializers listed among the inputs become plain constants, as every exporter wrote them before IR 4.
//
// Declines when at most half of the inputs have an initializer: those are few enough to be meant as defaults that a caller may override,
// and folding them would change the interface.
#include <algorithm>

#include "lib/rewrite/graph_edit.h"

namespace hone {

static Result<int> run(Graph& graph) {
  const auto has_default = [](const Value* v) { return v->constant.has_value(); };
  if (2 * std::ranges::count_if(graph.inputs, has_default) <= std::ssize(graph.inputs)) return 0;
  return static_cast<int>(std::erase_if(graph.inputs, has_default));
}

extern const Pass drop_input_defaults_pass{
    .name = "drop-input-defaults", .help = "make initializers that are listed as inputs plain constants, when most inputs are such", .run = run};

}  // namespace hone
