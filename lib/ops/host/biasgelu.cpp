// SPDX-License-Identifier: Apache-2.0
// Y = Gelu(A + B), the exact Gelu; B is a vector along the last axis.
#include "lib/ops/host/_biased.h"

namespace hone {

static Status run(OpCall& c) {
  return map_biased(c, [](auto x) { return exact_gelu(x); });
}
extern const Op biasgelu_op{.name = "BiasGelu",
                            .domain = "com.microsoft",
                            .inputs = "A: T, B: T",
                            .outputs = "Y: T",
                            .types = "T: floats",
                            .infer = infer_biased,
                            .reference = run};

}  // namespace hone
