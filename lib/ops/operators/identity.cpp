// SPDX-License-Identifier: Apache-2.0
// The input itself; bytes are shared.
#include "lib/ops/rule.h"

namespace hone {

static Status infer(InferCall& c) {
  if (const auto content = c.content(0)) c.set_content(0, *content);
  return infer_same(c);
}

static Status run(OpCall& c) {
  c.set(0, c.in(0));
  return Ok{};
}
extern const Op identity_op{
    .name = "Identity", .since = 1, .inputs = "input: T", .outputs = "output: T", .types = "T: any", .infer = infer, .reference = run};

}  // namespace hone
