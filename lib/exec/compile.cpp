// SPDX-License-Identifier: Apache-2.0
#include "lib/exec/session.h"
#include "lib/ops/infer.h"

namespace hone {

Result<Plan> compile(const Graph& model, const CompileOptions&) {
  GraphPtr graph = model.clone();
  // An initializer that is also listed as an input (IR 3) is a constant from here on.
  std::erase_if(graph->inputs, [](const Value* v) { return v->constant.has_value(); });
  graph->drop_dead();
  Plan plan;
  plan.graph_ = std::shared_ptr<const Graph>(std::move(graph));
  return plan;
}

}  // namespace hone
