// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/cosine_window.h"

#include <numbers>

#include "lib/ops/convert.h"
#include "lib/ops/move.h"
#include "lib/ops/trigonometry.h"

namespace hone {

Status infer_window(InferCall& c) {
  TRY(const DType dtype, numeric_attribute(c.node, "output_datatype", DType::f32));
  Dim size;
  if (const auto given = c.integers(0)) {
    if (given->size() != 1 || (*given)[0] < 0) return invalid("the size must be one number, not negative");
    size = Dim((*given)[0]);
  } else if (const auto content = c.content(0); content && content->size() == 1) {
    size = content->front();
  }
  c.set(0, dtype, {size});
  return Ok{};
}

Status run_window(OpCall& c, std::array<double, 3> a) {
  TRY(Tensor* const y, make_by_rule(c));
  const std::int64_t size = y->count();
  const double n = static_cast<double>(c.node.integer("periodic", 1) != 0 ? size : size - 1);
  for (std::int64_t i = 0; i < size; ++i) {
    const double angle = n > 0 ? 2 * std::numbers::pi * static_cast<double>(i) / n : 0;
    store(*y, i, a[0] - a[1] * trigonometry::cos(angle) + a[2] * trigonometry::cos(2 * angle));
  }
  return Ok{};
}

}  // namespace hone
