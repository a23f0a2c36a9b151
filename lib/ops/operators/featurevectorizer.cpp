// SPDX-License-Identifier: Apache-2.0
// The columns of all inputs side by side, as float; of each as many as inputdimensions says, zeros where it has fewer. A
// vector is one row, as the standard says (its reference makes it a column).
#include "lib/ir/dim_math.h"
#include "lib/ops/rule.h"

namespace hone {

static std::int64_t columns(const Node& node, std::size_t i, std::int64_t own) {
  const std::vector<std::int64_t> given = node.integers("inputdimensions");
  return i < given.size() ? given[i] : own;
}

static Status infer(InferCall& c) {
  Dim rows, total(0);
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    const Shape& s = c.shape(i);
    if (!s.ranked) {
      total = Dim();
      continue;
    }
    if (s.rank() < 1 || s.rank() > 2) return invalid("input {} has shape {}, expected rows x columns", i, to_string(s));
    TRY(rows, unify(rows, s.rank() == 1 ? Dim(1) : s.dims[0]));
    const Dim own = s.dims.back(), n(columns(c.node, i, own.value));
    if (n.value < -1 || n.value > INT32_MAX) return invalid("inputdimensions has the value {}", n.value);
    total = total + n;
  }
  c.set(0, DType::f32, {rows, total});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t rows = y->dims()[0], width = y->dims()[1];
  std::int64_t at = 0;
  for (std::size_t i = 0; i < c.inputs(); ++i) {
    const std::int64_t own = c.in(i).dims().back(), n = columns(c.node, i, own);
    for (std::int64_t r = 0; r < rows; ++r)
      for (std::int64_t k = 0; k < n; ++k)
        y->data<float>()[r * width + at + k] = k < own ? static_cast<float>(element(c.in(i), r * own + k)) : 0.0f;
    at += n;
  }
  return Ok{};
}
extern const Op featurevectorizer_op{.name = "FeatureVectorizer",
                                     .domain = "ai.onnx.ml",
                                     .since = 1,
                                     .inputs = "X...: T1",
                                     .outputs = "Y: float",
                                     .attributes = "inputdimensions: ints",
                                     .types = "T1: int32 int64 float double",
                                     .infer = infer,
                                     .reference = run};

}  // namespace hone
