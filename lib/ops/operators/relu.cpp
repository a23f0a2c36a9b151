// SPDX-License-Identifier: Apache-2.0
// y = max(x, 0)
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Types<float, double, Half, BFloat, std::int8_t, std::int16_t, std::int32_t, std::int64_t>{},
                      [](auto x) { return x < 0 ? decltype(x)(0) : x; });  // NaN stays NaN
}
extern const Op relu_op{.name = "Relu",
                        .since = 6,
                        .inputs = "X: T",
                        .outputs = "Y: T",
                        .types = "T: floats int8 int16 int32 int64",
                        .infer = infer_same,
                        .reference = run};

}  // namespace hone
