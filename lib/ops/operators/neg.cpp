// SPDX-License-Identifier: Apache-2.0
// y = -x; the lowest integer stays itself, as two's complement has it.
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Types<float, double, Half, BFloat, std::int8_t, std::int16_t, std::int32_t, std::int64_t>{}, [](auto x) {
    using T = decltype(x);
    return wrapping(std::is_floating_point_v<T> ? T(-0.0) : T(0), x,
                    [](auto a, auto b) { return a - b; });  // -0 - x: the sign of zero turns too
  });
}
extern const Op neg_op{.name = "Neg",
                       .since = 6,
                       .inputs = "X: T",
                       .outputs = "Y: T",
                       .types = "T: floats int8 int16 int32 int64",
                       .infer = infer_same,
                       .reference = run};

}  // namespace hone
