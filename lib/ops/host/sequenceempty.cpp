// SPDX-License-Identifier: Apache-2.0
// A sequence of no tensors, of the element type `dtype` (its ONNX number).
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status infer(InferCall& c) {
  const std::int64_t dtype = c.node.integer("dtype", static_cast<std::int64_t>(DType::f32));
  if (dtype < 1 || dtype > static_cast<std::int64_t>(DType::i2)) return invalid("dtype is {}, which is no element type", dtype);
  c.set(0, sequence_of({static_cast<DType>(dtype)}));
  return Ok{};
}

static Status run(OpCall& c) {
  c.set(0, Tensor::sequence({}));
  return Ok{};
}
extern const Op sequenceempty_op{.name = "SequenceEmpty",
                                 .since = 11,
                                 .outputs = "output: S",
                                 .attributes = "dtype: int = 1",
                                 .types = "S: seq",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
