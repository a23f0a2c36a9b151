// SPDX-License-Identifier: Apache-2.0
// How many tensors a sequence holds.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status infer(InferCall& c) {
  c.set(0, DType::i64, Shape::unknown(0));
  return Ok{};
}

static Status run(OpCall& c) {
  c.make(0, DType::i64, {}).data<std::int64_t>()[0] = c.in(0).count();
  return Ok{};
}
extern const Op sequencelength_op{.name = "SequenceLength",
                                  .since = 11,
                                  .inputs = "input_sequence: S",
                                  .outputs = "length: I",
                                  .types = "S: seq; I: int64",
                                  .infer = infer,
                                  .reference = run};

}  // namespace hone
