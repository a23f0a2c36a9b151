// SPDX-License-Identifier: Apache-2.0
// The outputs of then_branch when the condition is true, else those of else_branch.
#include "lib/ops/rule.h"

namespace hone {

// What both branches agree on.
static Fact common(const Fact& a, const Fact& b) {
  Fact f;
  if (a.dtype == b.dtype) f.dtype = a.dtype;
  f.shape = common(a.shape, b.shape);
  f.element = common(a.element, b.element);
  if (a.constant && b.constant && identical(*a.constant, *b.constant)) f.constant = a.constant;
  return f;
}

static Status infer(InferCall& c) {
  const Graph *then_branch = c.node.body("then_branch"), *else_branch = c.node.body("else_branch");
  for (const Graph* g : {then_branch, else_branch}) {
    if (!g->inputs.empty()) return invalid("a branch has {} inputs, expected none", g->inputs.size());
    if (g->outputs.size() != c.outputs()) return invalid("a branch has {} outputs, but the node has {}", g->outputs.size(), c.outputs());
  }
  // A branch that can never run may hold anything; so one that fails says nothing as long as the other holds.
  auto a = c.infer_body(*then_branch, {}), b = c.infer_body(*else_branch, {});
  const Tensor* condition = c.constant(0);
  if (condition && condition->count() == 1) {
    auto& taken = *condition->data<bool>() ? a : b;
    if (!taken) return std::move(taken).error();
    for (std::size_t i = 0; i < c.outputs(); ++i) c.out(i) = (*taken)[i];
    return Ok{};
  }
  if (!a && !b) return std::move(a).error();
  for (std::size_t i = 0; i < c.outputs(); ++i) {
    if (a && b)
      c.out(i) = common((*a)[i], (*b)[i]);
    else
      c.set(i, (a ? *a : *b)[i].type());
  }
  return Ok{};
}

static Status run(OpCall& c) {
  if (c.in(0).count() != 1) return invalid("the condition has {} elements, expected 1", c.in(0).count());
  const Graph* branch = c.node.body(*c.in(0).data<bool>() ? "then_branch" : "else_branch");
  TRY(std::vector<Tensor> outputs, c.run_body(*branch, {}));
  for (std::size_t i = 0; i < c.outputs(); ++i) c.set(i, std::move(outputs[i]));
  return Ok{};
}
extern const Op if_op{.name = "If",
                      .since = 1,
                      .inputs = "cond: bool",
                      .outputs = "outputs...: any",
                      .attributes = "then_branch!: graph, else_branch!: graph",
                      .infer = infer,
                      .reference = run};

}  // namespace hone
