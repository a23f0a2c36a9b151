// SPDX-License-Identifier: Apache-2.0
// A new last axis, one element for each category: 1 at that of the input, 0 elsewhere.
#include <algorithm>

#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  const auto* ints = c.node.find<std::vector<std::int64_t>>("cats_int64s");
  const auto* strings = c.node.find<std::vector<std::string>>("cats_strings");
  if (!ints == !strings) return invalid("needs one of the attributes cats_int64s, cats_strings");
  if (c.dtype(0) != DType::undefined && (c.dtype(0) == DType::string) != (strings != nullptr))
    return invalid("the categories do not have the input's type, {}", name(c.dtype(0)));
  Shape out = c.shape(0);
  if (out.ranked) out.dims.emplace_back(static_cast<std::int64_t>(ints ? ints->size() : strings->size()));
  c.set(0, DType::f32, std::move(out));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(Tensor* const y, make_by_rule(c));
  const auto* strings = c.node.find<std::vector<std::string>>("cats_strings");
  const std::vector<std::int64_t> ints = c.node.integers("cats_int64s");
  const std::vector<std::int64_t> numbers = strings ? std::vector<std::int64_t>() : x.to_ints();
  const std::int64_t n = y->dims().back();
  for (std::int64_t i = 0; i < x.count(); ++i) {
    const std::int64_t at = strings ? std::ranges::find(*strings, x.string_values()[static_cast<std::size_t>(i)]) - strings->begin()
                                    : std::ranges::find(ints, numbers[static_cast<std::size_t>(i)]) - ints.begin();
    if (at < n)
      y->data<float>()[i * n + at] = 1;
    else if (c.node.integer("zeros", 1) == 0)
      return invalid("element {} is none of the categories", i);
  }
  return Ok{};
}
extern const Op onehotencoder_op{.name = "OneHotEncoder",
                                 .domain = "ai.onnx.ml",
                                 .since = 1,
                                 .inputs = "X: T",
                                 .outputs = "Y: float",
                                 .attributes = "cats_int64s: ints, cats_strings: strings, zeros: int = 1",
                                 .types = "T: string int64 int32 float double",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
