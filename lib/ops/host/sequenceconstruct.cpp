// SPDX-License-Identifier: Apache-2.0
// The inputs, in their order, as a sequence.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status infer(InferCall& c) {
  ValueType element = c.type(0);
  for (std::size_t i = 1; i < c.inputs(); ++i) element = common(element, c.type(i));
  c.set(0, sequence_of(std::move(element)));
  return Ok{};
}

static Status run(OpCall& c) {
  std::vector<Tensor> items;
  for (std::size_t i = 0; i < c.inputs(); ++i) items.push_back(c.in(i));
  c.set(0, Tensor::sequence(std::move(items)));
  return Ok{};
}
extern const Op sequenceconstruct_op{.name = "SequenceConstruct",
                                     .since = 11,
                                     .inputs = "inputs...: T",
                                     .outputs = "output_sequence: S",
                                     .types = "T: all; S: seq",
                                     .infer = infer,
                                     .reference = run};

}  // namespace hone
