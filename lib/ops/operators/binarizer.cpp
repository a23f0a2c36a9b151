// SPDX-License-Identifier: Apache-2.0
// 1 where the input is above the threshold, else 0.
#include "lib/ops/convert.h"
#include "lib/ops/rule.h"

namespace hone {

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const double threshold = static_cast<double>(c.node.number("threshold", 0));
  for (std::int64_t i = 0; i < y->count(); ++i) store(*y, i, std::int64_t{element(c.in(0), i) > threshold});
  return Ok{};
}
extern const Op binarizer_op{.name = "Binarizer",
                             .domain = "ai.onnx.ml",
                             .since = 1,
                             .inputs = "X: T",
                             .outputs = "Y: T",
                             .attributes = "threshold: float = 0",
                             .types = "T: float double int64 int32",
                             .infer = infer_same,
                             .reference = run};

}  // namespace hone
