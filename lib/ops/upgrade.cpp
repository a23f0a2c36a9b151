// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/upgrade.h"

#include <algorithm>

#include "lib/ops/legacy.h"
#include "lib/ops/schema.h"

namespace hone {
namespace {

constexpr int newest_opset = 28;

int declared_opset(const Model& model, std::string_view domain) {
  const auto it = model.opsets.find(domain);
  return it == model.opsets.end() ? (domain.empty() ? newest_opset : 1) : static_cast<int>(std::min<std::int64_t>(it->second, 1 << 20));
}

// Upgrades trust that the first input is there: no form of an operator that requires it left it out.
Status check_first_input(const Node& node, const Op& op) {
  const Formal* first = schema_of(op).input(0);
  if (!first || first->optional || first->variadic || node.input(0)) return Ok{};
  return invalid("lacks input 0 ('{}')", first->name);
}

// One step may make the node an instance of another operator, which is then upgraded in turn.
Status upgrade_node(const Model& model, const NodeOpsets& written, Graph& graph, Node& node) {
  const auto it = written.find(&node);
  const int opset = it == written.end() ? declared_opset(model, node.domain) : static_cast<int>(it->second);
  if (opset < 7 && node.domain.empty()) {
    if (const Op* op = find_op(node.op, node.domain)) CHECK_OK(check_first_input(node, *op));
    CHECK_OK(modernize(graph, node, opset));
  }
  for (;;) {
    node.schema = find_op(node.op, node.domain);
    if (!node.schema || !node.schema->upgrade || opset >= node.schema->since) return Ok{};
    CHECK_OK(check_first_input(node, *node.schema));
    const std::string before = node.op;
    CHECK_OK(node.schema->upgrade(graph, node, opset));
    if (node.op == before) return Ok{};
  }
}

Status upgrade_graph(const Model& model, const NodeOpsets& written, Graph& graph) {
  const std::vector<Node*> nodes = graph.nodes();  // an upgrade may add nodes, already in their newest form
  for (Node* node : nodes) {
    if (Status s = upgrade_node(model, written, graph, *node); !s) return std::move(s).error().in(describe(*node));
    Status bodies = Ok{};
    node->each_body([&](Graph& body) {
      if (bodies) bodies = upgrade_graph(model, written, body);
    });
    CHECK_OK(std::move(bodies));
  }
  return Ok{};
}

void raise(const Graph& graph, std::string_view domain, int& opset) {
  for (const Node* node : graph.nodes()) {
    if (node->schema && node->domain == domain) opset = std::max(opset, node->schema->since);
    node->each_body([&](const Graph& body) { raise(body, domain, opset); });
  }
}

}  // namespace

Status upgrade(Model& model, const NodeOpsets& written) {
  std::map<std::string, std::int64_t, std::less<>> newest;
  for (const auto& [node, opset] : written) {
    std::int64_t& version = newest[node->domain];
    version = std::max(version, opset);
  }
  CHECK_OK(upgrade_graph(model, written, *model.graph));
  resolve(*model.graph);
  for (const auto& [domain, opset] : newest) {
    std::int64_t& version = model.opsets[domain];
    version = std::max(version, opset);
  }
  return Ok{};
}

int needed_opset(const Model& model, std::string_view domain) {
  const auto it = model.opsets.find(domain);
  int opset = it == model.opsets.end() ? 1 : declared_opset(model, domain);
  raise(*model.graph, domain, opset);
  return opset;
}

}  // namespace hone
