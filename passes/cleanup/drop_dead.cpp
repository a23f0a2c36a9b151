// SPDX-License-Identifier: Apache-2.0
// Drops nodes none of whose outputs is used, and constants without users; in bodies too. Graph inputs stay: they are the interface.
#include "lib/rewrite/graph_edit.h"

namespace hone {

static Result<int> run(Graph& graph) {
  const auto count = [&] {
    int all = 0;
    each_graph(graph, [&](const Graph& g) { all += static_cast<int>(g.nodes().size() + g.values().size()); });
    return all;
  };
  const int before = count();
  graph.drop_dead();
  return before - count();
}

extern const Pass drop_dead_pass{.name = "drop-dead", .help = "drop nodes and constants that nothing uses", .run = run};

}  // namespace hone
