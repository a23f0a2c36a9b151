// SPDX-License-Identifier: Apache-2.0
// y = x * tanh(log(1 + exp(x)))
#include "lib/ops/elementwise.h"

namespace hone {

static Status run(OpCall& c) {
  return map_elements(c, Floats{}, [](auto x) { return x * std::tanh(std::fmax(x, decltype(x)(0)) + std::log1p(std::exp(-std::abs(x)))); });
}
extern const Op mish_op{
    .name = "Mish", .since = 18, .inputs = "X: T", .outputs = "Y: T", .types = "T: floats", .infer = infer_same, .reference = run};

}  // namespace hone
