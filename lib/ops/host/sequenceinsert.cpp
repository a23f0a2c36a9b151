// SPDX-License-Identifier: Apache-2.0
// The sequence with a tensor inserted before `position`, by default at its end.
#include "lib/ops/host/_sequence.h"

namespace hone {

static Status infer(InferCall& c) {
  const ValueType held = c.element(0), tensor = c.type(1);
  if (held.dtype != DType::undefined && tensor.dtype != DType::undefined && held.dtype != tensor.dtype)
    return invalid("the sequence holds {}, the tensor to insert is {}", name(held.dtype), name(tensor.dtype));
  ValueType element = common(held, tensor);
  if (held.dtype == DType::undefined) element.dtype = tensor.dtype;
  c.set(0, sequence_of(std::move(element)));
  return Ok{};
}

static Status run(OpCall& c) {
  const std::span<const Tensor> before = c.in(0).items();
  const auto n = static_cast<std::int64_t>(before.size());
  TRY(const std::size_t at, position(c, 2, n, n));
  if (n > 0 && before[0].dtype() != c.in(1).dtype())
    return invalid("the sequence holds {}, the tensor to insert is {}", name(before[0].dtype()), name(c.in(1).dtype()));
  std::vector<Tensor> items(before.begin(), before.end());
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(at), c.in(1));
  c.set(0, Tensor::sequence(std::move(items)));
  return Ok{};
}
extern const Op sequenceinsert_op{.name = "SequenceInsert",
                                  .since = 11,
                                  .inputs = "input_sequence: S, tensor: T, position?: I",
                                  .outputs = "output_sequence: S",
                                  .types = "S: seq; T: all; I: int32 int64",
                                  .infer = infer,
                                  .reference = run};

}  // namespace hone
