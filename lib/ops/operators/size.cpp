// SPDX-License-Identifier: Apache-2.0
// The number of elements of the input, a scalar.
#include "lib/ops/move.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, DType::i64, Shape::unknown(0));
  if (c.shape(0).ranked) c.set_content(0, {product(std::span<const Dim>(c.shape(0).dims))});
  return Ok{};
}

static Status run(OpCall& c) {
  *c.make(0, DType::i64, {}).data<std::int64_t>() = c.in(0).count();
  return Ok{};
}
extern const Op size_op{.name = "Size", .since = 1, .inputs = "data: all", .outputs = "size: int64", .infer = infer, .reference = run};

}  // namespace hone
