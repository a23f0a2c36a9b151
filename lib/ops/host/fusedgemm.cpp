// SPDX-License-Identifier: Apache-2.0
// Y = activation(alpha * A' * B' + beta * C), Gemm and what follows it.
#include "lib/ops/host/_composite.h"

namespace hone {

// In the order in which the activation takes them; those left out have the defaults of the standard operators.
static std::vector<float> parameters(const Node& node) {
  const std::string_view f = node.text("activation");
  const auto value = [&](std::string_view which, float otherwise) { return node.number(which, otherwise); };
  if (f == "LeakyRelu") return {value("activation_alpha", 0.01f)};
  if (f == "Elu" || f == "ThresholdedRelu") return {value("activation_alpha", 1.0f)};
  if (f == "HardSigmoid") return {value("activation_alpha", 0.2f), value("activation_beta", 0.5f)};
  if (f == "Selu") return {value("activation_alpha", 1.67326319f), value("activation_gamma", 1.05070102f)};
  return {};
}

static Status infer(InferCall& c) {
  CHECK_OK(check_activation(c.node.text("activation"), parameters(c.node).size()));
  TRY(Fact y, Inner(c.node, "Gemm").infer({&c.in(0), &c.in(1), c.has(2) ? &c.in(2) : nullptr}));
  c.set(0, y.dtype, std::move(y.shape));
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  TRY(Tensor y, Inner(c.node, "Gemm").run({&c.in(0), &c.in(1), c.find(2)}));
  CHECK_OK(activate(y, c.node.text("activation"), parameters(c.node)));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op fusedgemm_op{.name = "FusedGemm",
                             .domain = "com.microsoft",
                             .inputs = "A: T, B: T, C?: T",
                             .outputs = "Y: T",
                             .attributes =
                                 "activation: string, activation_alpha: float, activation_beta: float, activation_gamma: float, "
                                 "alpha: float = 1, beta: float = 1, transA: int = 0, transB: int = 0",
                             .types = "T: float16 float double int32 int64 uint32 uint64",
                             .infer = infer,
                             .reference = run};

}  // namespace hone
