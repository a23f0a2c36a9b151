// SPDX-License-Identifier: Apache-2.0
// y = log(1 + exp(x)), written so that a large x does not overflow
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return std::fmax(x, decltype(x)(0)) + std::log1p(std::exp(-std::abs(x))); });
}
extern const Op softplus_op{
    .name = "Softplus", .since = 1, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
