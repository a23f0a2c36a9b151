// SPDX-License-Identifier: Apache-2.0
// The sequence without the tensor at `position`, by default the last.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status run(OpCall& c) {
  const std::span<const Tensor> before = c.in(0).items();
  const auto n = static_cast<std::int64_t>(before.size());
  if (n == 0) return invalid("the sequence is empty: there is nothing to erase");
  TRY(const std::size_t at, position(c, 1, n, n - 1));
  std::vector<Tensor> items(before.begin(), before.end());
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(at));
  c.set(0, Tensor::sequence(std::move(items)));
  return Ok{};
}
extern const Op sequenceerase_op{.name = "SequenceErase",
                                 .since = 11,
                                 .inputs = "input_sequence: S, position?: I",
                                 .outputs = "output_sequence: S",
                                 .types = "S: seq; I: int32 int64",
                                 .infer = infer_same,
                                 .reference = run};

}  // namespace hone
