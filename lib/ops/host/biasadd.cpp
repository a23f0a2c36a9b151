// SPDX-License-Identifier: Apache-2.0
// Y = X + bias + skip; the bias is a vector along the last axis, skip is shaped like X.
#include "lib/ops/host/_biased.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  const auto x = c.shape(0).concrete(), skip = c.shape(2).concrete();
  if (x && skip && *x != *skip) return invalid("skip has shape {}, X {}", to_string(*skip), to_string(*x));
  return infer_biased(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const ReadAs<float> x(c.in(0)), bias(c.in(1)), skip(c.in(2));
  WriteAs<float> out(*y);
  const std::int64_t n = c.in(1).count();
  for (std::int64_t i = 0; i < y->count(); ++i) out[i] = x[i] + bias[i % n] + skip[i];
  return Ok{};
}
extern const Op biasadd_op{.name = "BiasAdd",
                           .domain = "com.microsoft",
                           .inputs = "X: T, bias: T, skip: T",
                           .outputs = "Y: T",
                           .types = "T: float16 float",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
