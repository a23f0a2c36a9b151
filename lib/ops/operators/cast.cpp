// SPDX-License-Identifier: Apache-2.0
// The elements in another type.
#include "lib/ops/cast.h"
#include "lib/ops/rule.h"

namespace hone {

static Result<DType> wanted(const Node& node) {
  const std::int64_t to = node.integer("to");
  if (to <= 0 || to > static_cast<int>(DType::i2)) return invalid("the attribute 'to' is {}, which is no element type", to);
  return static_cast<DType>(to);
}

static Status infer(InferCall& c) {
  TRY(const DType to, wanted(c.node));
  CHECK_OK(check_cast(c.node));
  c.set(0, to, c.shape(0));
  if (is_integer(c.dtype(0)))
    if (const auto content = c.content(0)) c.set_content(0, *content);
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const DType to, wanted(c.node));
  TRY(Tensor y, cast(c.node, c.in(0), to));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op cast_op{.name = "Cast",
                        .since = 6,
                        .inputs = "input: all",
                        .outputs = "output: all",
                        .attributes = "to!: int, saturate: int = 1, round_mode: string = up",
                        .infer = infer,
                        .reference = run};

}  // namespace hone
