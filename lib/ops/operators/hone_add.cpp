// SPDX-License-Identifier: Apache-2.0
// y = clamp(a + b, low, high) with broadcasting. Only plans contain it.
#include "lib/ops/rule.h"

namespace hone {
extern const Op hone_add_op{.name = "Add", .domain = "hone", .inputs = "A: T, B: T", .outputs = "Y: T",
                            .attributes = "high: float, low: float", .types = "T: float", .infer = infer_broadcast};
}  // namespace hone
