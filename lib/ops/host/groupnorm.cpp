// SPDX-License-Identifier: Apache-2.0
// Y = gamma * (X - mean) / sqrt(variance + epsilon) + beta over groups of channels, and SiLU of that with activation 1.
#include "lib/ops/host/_groupnorm.h"

namespace hone {

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  return group_norm(c, c.in(0));
}
extern const Op groupnorm_op{.name = "GroupNorm",
                             .domain = "com.microsoft",
                             .inputs = "X: T, gamma: M, beta: M",
                             .outputs = "Y: T",
                             .attributes = group_norm_attributes,
                             .types = "T: float16 float; M: float16 float",
                             .infer = infer_group_norm,
                             .reference = run};

}  // namespace hone
