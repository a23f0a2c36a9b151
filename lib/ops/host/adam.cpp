// SPDX-License-Identifier: Apache-2.0
// One step of Adam: V and H average g and g^2, g = norm_coefficient * X + G; X -= r * V / (sqrt(H) + epsilon), and shrinks by
// norm_coefficient_post; r corrects R for the averages having begun at zero.
#include <cmath>

#include "lib/ops/host/_optimizer.h"

namespace hone {

static Status infer(InferCall& c) { return infer_optimizer(c, 2); }

static Status run(OpCall& c) {
  const auto number = [&](std::string_view attribute, float otherwise) { return static_cast<double>(c.node.number(attribute, otherwise)); };
  const double alpha = number("alpha", 0.9f), beta = number("beta", 0.999f), epsilon = number("epsilon", 0),
               norm = number("norm_coefficient", 0), norm_post = number("norm_coefficient_post", 0);
  return run_optimizer(c, 2, [&](Update& u, double rate, double count) {
    const double g = norm * u.x + u.gradient;
    u.state[0] = alpha * u.state[0] + (1 - alpha) * g;
    u.state[1] = beta * u.state[1] + (1 - beta) * g * g;
    const double r = count > 0 ? rate * std::sqrt(1 - std::pow(beta, count)) / (1 - std::pow(alpha, count)) : rate;
    u.x = (1 - norm_post) * (u.x - r * u.state[0] / (std::sqrt(u.state[1]) + epsilon));
  });
}
extern const Op adam_op{
    .name = "Adam",
    .domain = "ai.onnx.preview.training",
    .since = 1,
    .inputs = "R: float double, T: int64, inputs...: float double",
    .outputs = "outputs...: float double",
    .attributes =
        "alpha: float = 0.9, beta: float = 0.999, epsilon: float = 0, norm_coefficient: float = 0, norm_coefficient_post: float = 0",
    .infer = infer,
    .reference = run};

}  // namespace hone
