// SPDX-License-Identifier: Apache-2.0
// Y = quantize(x >= 0 ? x : alpha * x) of x = dequantize(X).
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status run(OpCall& c) {
  const float alpha = c.node.number("alpha", 0.01f);
  return qlinear_unary(c, [=](float x) { return x >= 0 ? x : alpha * x; });
}
extern const Op qlinearleakyrelu_op{.name = "QLinearLeakyRelu",
                                    .domain = "com.microsoft",
                                    .inputs = qlinear_unary_inputs,
                                    .outputs = "Y: T",
                                    .attributes = "alpha: float = 0.01",
                                    .types = qlinear_types,
                                    .infer = infer_qlinear_unary,
                                    .reference = run};

}  // namespace hone
