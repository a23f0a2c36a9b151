// SPDX-License-Identifier: Apache-2.0
// The tensor at `position` of a sequence.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, c.element(0));
  return Ok{};
}

static Status run(OpCall& c) {
  const std::span<const Tensor> items = c.in(0).items();
  const auto n = static_cast<std::int64_t>(items.size());
  TRY(const std::size_t at, position(c, 1, n, n - 1));
  c.set(0, items[at]);
  return Ok{};
}
extern const Op sequenceat_op{.name = "SequenceAt",
                              .since = 11,
                              .inputs = "input_sequence: S, position: I",
                              .outputs = "tensor: T",
                              .types = "S: seq; I: int32 int64; T: all",
                              .infer = infer,
                              .reference = run};

}  // namespace hone
