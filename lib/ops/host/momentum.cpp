// SPDX-License-Identifier: Apache-2.0
// One step with momentum: V = alpha * V + b * g, g = norm_coefficient * X + G, b = beta but 1 in the first step; X -= R * V, or by
// Nesterov's mode X -= R * (g + alpha * V).
#include "lib/ops/host/_optimizer.h"

namespace hone {

static Status infer(InferCall& c) {
  if (const std::string_view mode = c.node.text("mode"); mode != "standard" && mode != "nesterov")
    return invalid("mode is '{}', expected standard or nesterov", mode);
  return infer_optimizer(c, 1);
}

static Status run(OpCall& c) {
  const auto number = [&](std::string_view attribute) { return static_cast<double>(c.node.number(attribute, 0)); };
  const double alpha = number("alpha"), beta = number("beta"), norm = number("norm_coefficient");
  const bool nesterov = c.node.text("mode") == "nesterov";
  return run_optimizer(c, 1, [&](Update& u, double rate, double count) {
    const double g = norm * u.x + u.gradient;
    u.state[0] = alpha * u.state[0] + (count > 0 ? beta : 1) * g;
    u.x -= rate * (nesterov ? g + alpha * u.state[0] : u.state[0]);
  });
}
extern const Op momentum_op{.name = "Momentum",
                            .domain = "ai.onnx.preview.training",
                            .since = 1,
                            .inputs = "R: float double, T: int64, inputs...: float double",
                            .outputs = "outputs...: float double",
                            .attributes = "alpha!: float, beta!: float, mode!: string, norm_coefficient!: float",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
