// SPDX-License-Identifier: Apache-2.0
// Elements equal to the replaced value (NaN equals NaN) become the imputed one: one for all, or one for each column.
#include <cmath>

#include "lib/ops/convert.h"
#include "lib/ops/rule.h"

namespace hone {

static std::vector<double> imputed(const Node& node, bool integers) {
  std::vector<double> all;
  if (integers)
    for (const std::int64_t i : node.integers("imputed_value_int64s")) all.push_back(static_cast<double>(i));
  else
    for (const float f : node.numbers("imputed_value_floats")) all.push_back(static_cast<double>(f));
  return all;
}

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  const auto n = static_cast<std::int64_t>(imputed(c.node, is_integer(c.dtype(0))).size());
  if (c.dtype(0) != DType::undefined && n == 0)
    return invalid("needs the attribute {}", is_integer(c.dtype(0)) ? "imputed_value_int64s" : "imputed_value_floats");
  if (n > 1 && in.ranked && (in.rank() == 0 || (in.dims.back().known() && in.dims.back().value != n)))
    return invalid("{} imputed values for an input of shape {}", n, to_string(in));
  return infer_same(c);
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Tensor* const y, make_by_rule(c));
  const bool integers = is_integer(x.dtype());
  const std::vector<double> values = imputed(c.node, integers);
  const double replaced =
      integers ? static_cast<double>(c.node.integer("replaced_value_int64")) : static_cast<double>(c.node.number("replaced_value_float"));
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const double v = element(x, i);
    const bool hit = x.dtype() == DType::i64 ? x.data<std::int64_t>()[i] == c.node.integer("replaced_value_int64")
                                             : v == replaced || (std::isnan(v) && std::isnan(replaced));
    if (hit)
      store(*y, i, values[static_cast<std::size_t>(i) % values.size()]);
    else if (x.dtype() == DType::i64)
      store(*y, i, x.data<std::int64_t>()[i]);
    else
      store(*y, i, v);
  }
  return Ok{};
}
extern const Op imputer_op{
    .name = "Imputer",
    .domain = "ai.onnx.ml",
    .since = 1,
    .inputs = "X: T",
    .outputs = "Y: T",
    .attributes =
        "imputed_value_floats: floats, imputed_value_int64s: ints, replaced_value_float: float = 0, replaced_value_int64: int = 0",
    .types = "T: float double int64 int32",
    .infer = infer,
    .reference = run};

}  // namespace hone
