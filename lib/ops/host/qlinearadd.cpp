// SPDX-License-Identifier: Apache-2.0
// C = (A_scale * (A - A_zero_point) + B_scale * (B - B_zero_point)) / C_scale + C_zero_point.
#include "lib/ops/host/_quantized.h"

namespace hone {

static Status run(OpCall& c) {
  return qlinear_binary(c, [](float a, float b, float sa, float sb, float sc) { return (a * sa + b * sb) / sc; });
}
extern const Op qlinearadd_op{.name = "QLinearAdd",
                              .domain = "com.microsoft",
                              .inputs = qlinear_binary_inputs,
                              .outputs = "C: T",
                              .types = qlinear_types,
                              .infer = infer_qlinear_binary,
                              .reference = run};

}  // namespace hone
