// SPDX-License-Identifier: Apache-2.0
// From a model's graph to a plan: the steps of lower.h over the main graph and every body.
#include "lib/exec/lower.h"
#include "lib/ops/infer.h"
#include "lib/ops/schema.h"

namespace hone {
namespace {

Status everywhere(Graph& graph, const std::function<Status(Graph&)>& step) {
  CHECK_OK(step(graph));
  Status status = Ok{};
  for (Node* node : graph.nodes())
    node->each_body([&](Graph& body) {
      if (status) status = everywhere(body, step);
    });
  return status;
}

// What the file says of inner values may be wrong, and is inferred again anyway.
Status forget_inner_shapes(Graph& graph) {
  for (Value* v : graph.values())
    if (v->producer && (graph.owner || !graph.is_output(v))) v->shape = Shape(), v->element = nullptr;
  return Ok{};
}

// The steps trust what the schemas say: required inputs and attributes are there, and of the right types.
Status check_nodes(const Graph& graph) {
  for (const Node* node : graph.nodes()) {
    if (!node->schema) continue;
    std::vector<DType> dtypes;
    for (const Value* v : node->inputs) dtypes.push_back(v ? v->dtype : DType::undefined);
    if (Status s = check_node(*node, dtypes); !s) return std::move(s).error().in(describe(*node));
  }
  return Ok{};
}

}  // namespace

Result<Plan> compile(const Graph& model, const CompileOptions& options) {
  GraphPtr graph = model.clone();
  // An initializer that is also listed as an input (IR 3) is a constant from here on.
  std::erase_if(graph->inputs, [](const Value* v) { return v->constant.has_value(); });
  graph->drop_dead();
  CHECK_OK(everywhere(*graph, forget_inner_shapes));
  CHECK_OK(infer(*graph));  // the steps trust what the rules check: axes, permutations, shapes
  const auto step = [&](bool wanted, const std::function<Status(Graph&)>& lower) -> Status {
    if (!wanted) return Ok{};
    refresh_shapes(*graph);
    CHECK_OK(everywhere(*graph, lower));
    graph->drop_dead();
    return Ok{};
  };
  CHECK_OK(step(true, [](Graph& g) -> Status {
    CHECK_OK(check_nodes(g));
    return fold_constants(g, false);
  }));
  CHECK_OK(step(true, lower_batch_norm));
  CHECK_OK(step(options.layout, lower_layout));
  CHECK_OK(step(options.integers, lower_unsigned));
  CHECK_OK(step(options.integers, lower_integers));
  CHECK_OK(step(true, [](Graph& g) { return fold_constants(g, true); }));
  CHECK_OK(step(options.fuse, lower_fusion));
  refresh_shapes(*graph);
  Plan plan;
  plan.graph_ = std::shared_ptr<const Graph>(std::move(graph));
  return plan;
}

}  // namespace hone
