// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/check.h"

#include <algorithm>
#include <map>

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

using ByNode = std::map<const Node*, std::vector<Contradiction>>;

// A node whose form is wrong is not told again by what its shape rule made of it.
void check_graph(const Graph& graph, const ByNode& contradictions, std::vector<Problem>& problems) {
  for (const Node* node : graph.nodes()) {
    if (node->schema)
      check_form(*node, problems);
    else
      check_operator(*node, problems);
    const bool formed = problems.empty() || problems.back().where != describe(*node);
    const auto own = contradictions.find(node);
    for (const Contradiction& c : formed && own != contradictions.end() ? own->second : std::vector<Contradiction>())
      problems.push_back({describe(*node), c.what, c.conditional > 0 ? "this branch fails if it is ever taken" : "", c.conditional == 0});
    node->each_body([&](const Graph& body) { check_graph(body, contradictions, problems); });
  }
}

}  // namespace

std::vector<Problem> check(const Model& model) {
  std::vector<Problem> problems;
  std::vector<Contradiction> contradictions;
  infer(*model.graph, {}, contradictions);
  ByNode by_node;
  for (const Contradiction& c : contradictions) {  // the body of a Loop is inferred more than once
    std::vector<Contradiction>& own = by_node[c.node];
    if (std::ranges::find(own, c.what, &Contradiction::what) == own.end()) own.push_back(c);
  }
  check_graph(*model.graph, by_node, problems);
  for (const Contradiction& c : by_node[nullptr])
    problems.push_back({"graph", c.what, ""});
  return problems;
}

}  // namespace hone
