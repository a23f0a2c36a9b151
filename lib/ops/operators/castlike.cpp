// SPDX-License-Identifier: Apache-2.0
// The elements of the first input in the type of the second.
#include "lib/ops/cast.h"
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(check_cast(c.node));
  c.set(0, c.dtype(1), c.shape(0));
  if (is_integer(c.dtype(0)))
    if (const auto content = c.content(0)) c.set_content(0, *content);
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor y, cast(c.node, c.in(0), c.in(1).dtype()));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op castlike_op{.name = "CastLike",
                            .since = 15,
                            .inputs = "input: all, target_type: all",
                            .outputs = "output: all",
                            .attributes = "saturate: int = 1, round_mode: string = up",
                            .infer = infer,
                            .reference = run};

}  // namespace hone
