// SPDX-License-Identifier: Apache-2.0
// Inference passes the input through and masks nothing; training (a ratio above 0 with training_mode) is refused.
#include "lib/ops/elementwise.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(1, DType::boolean, c.shape(0));
  return infer_same(c);
}

static Status run(OpCall& c) {
  const bool training = c.has(2) && c.in(2).count() == 1 && element(c.in(2), 0) != 0;
  const double ratio = c.has(1) && c.in(1).count() == 1 ? element(c.in(1), 0) : 0.5;
  if (training && ratio != 0) return invalid("training_mode is set; Hone runs inference only: export the model in evaluation mode");
  c.set(0, c.in(0));
  if (c.wants(1)) {
    Tensor& mask = c.make(1, DType::boolean, c.in(0).dims());
    std::fill_n(mask.data<bool>(), mask.count(), true);
  }
  return Ok{};
}

// Before opset 12 the ratio was an attribute. It has no effect in inference, so it stays out of the way of the element type.
static Status upgrade(Graph& g, Node& n, int) {
  if (const float* ratio = n.find<float>("ratio")) {
    g.set_input(&n, 1, g.constant("ratio", Tensor::scalar(*ratio)));
    n.attributes.erase("ratio");
  }
  return Ok{};
}
extern const Op dropout_op{.name = "Dropout",
                           .since = 12,
                           .inputs = "data: T, ratio?: T1, training_mode?: B",
                           .outputs = "output: T, mask?: B",
                           .attributes = "seed: int",
                           .types = "T: floats; T1: floats; B: bool",
                           .infer = infer,
                           .reference = run,
                           .upgrade = upgrade};

}  // namespace hone
