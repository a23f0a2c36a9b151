// SPDX-License-Identifier: Apache-2.0
// Y = quantize(1 / (1 + exp(-dequantize(X)))).
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status run(OpCall& c) {
  return qlinear_unary(c, [](float x) { return 1 / (1 + std::exp(-x)); });
}
extern const Op qlinearsigmoid_op{.name = "QLinearSigmoid",
                                  .domain = "com.microsoft",
                                  .inputs = qlinear_unary_inputs,
                                  .outputs = "Y: T",
                                  .types = qlinear_types,
                                  .infer = infer_qlinear_unary,
                                  .reference = run};

}  // namespace hone
