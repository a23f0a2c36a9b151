// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/check.h"

#include "lib/base/closest.h"
#include "lib/ops/infer.h"
#include "lib/ops/schema.h"

namespace hone {
namespace {

void check_operator(const Node& node, std::vector<Problem>& problems) {
  std::vector<std::string> known;
  for (const Op* op : all_ops())
    if (op->domain == node.domain) known.emplace_back(op->name);
  const std::string meant = closest(node.op, known);
  const std::string domain = node.domain.empty() ? "" : format(" of domain '{}'", node.domain);
  std::string remedy = known.empty() ? "Hone knows no operator of this domain: export the model with standard operators"
                                     : "export the model with standard operators";
  if (!meant.empty()) remedy = format("did you mean '{}'?", meant);
  problems.push_back({describe(node), format("unknown operator '{}'{}", node.op, domain), remedy});
}

// A node whose form is wrong is not told again by what its shape rule made of it.
void check_graph(const Graph& graph, const std::vector<Contradiction>& contradictions, std::vector<Problem>& problems) {
  for (const Node* node : graph.nodes()) {
    if (node->schema)
      check_form(*node, problems);
    else
      check_operator(*node, problems);
    const bool formed = problems.empty() || problems.back().where != describe(*node);
    for (const Contradiction& c : contradictions)
      if (c.node == node && formed)
        problems.push_back({describe(*node), c.what, c.conditional ? "this branch fails if it is ever taken" : "", !c.conditional});
    node->each_body([&](const Graph& body) { check_graph(body, contradictions, problems); });
  }
}

}  // namespace

std::vector<Problem> check(const Model& model) {
  std::vector<Problem> problems;
  std::vector<Contradiction> contradictions;
  infer(*model.graph, {}, contradictions);
  check_graph(*model.graph, contradictions, problems);
  for (const Contradiction& c : contradictions)
    if (!c.node) problems.push_back({"graph", c.what, ""});
  return problems;
}

}  // namespace hone
