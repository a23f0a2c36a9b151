// SPDX-License-Identifier: Apache-2.0
// One step of Adagrad: H += g^2, X -= r * g / (sqrt(H) + epsilon) with g = norm_coefficient * X + G and r = R / (1 + T * decay_factor).
#include <cmath>

#include "lib/ops/host/_optimizer.h"

namespace hone {

static Status infer(InferCall& c) { return infer_optimizer(c, 1); }

static Status run(OpCall& c) {
  const auto number = [&](std::string_view attribute) { return static_cast<double>(c.node.number(attribute, 0)); };
  const double decay = number("decay_factor"), epsilon = number("epsilon"), norm = number("norm_coefficient");
  return run_optimizer(c, 1, [&](Update& u, double rate, double count) {
    const double g = norm * u.x + u.gradient;
    u.state[0] += g * g;
    u.x -= rate / (1 + count * decay) * g / (std::sqrt(u.state[0]) + epsilon);
  });
}
extern const Op adagrad_op{.name = "Adagrad",
                           .domain = "ai.onnx.preview.training",
                           .since = 1,
                           .inputs = "R: float double, T: int64, inputs...: float double",
                           .outputs = "outputs...: float double",
                           .attributes = "decay_factor: float = 0, epsilon: float = 0, norm_coefficient: float = 0",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
