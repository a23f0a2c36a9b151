// SPDX-License-Identifier: Apache-2.0
// The same bits under another element type of the same width.
#include "lib/ops/rule.h"

namespace hone {

static Result<DType> target_of(const Node& node, DType from) {
  const std::int64_t to = node.integer("to");
  if (to <= 0 || to > static_cast<int>(DType::i2) || static_cast<DType>(to) == DType::string)
    return invalid("to is {}, which is no element type of fixed width", to);
  const auto dtype = static_cast<DType>(to);
  if (from != DType::undefined && bits(from) != bits(dtype))
    return invalid("{} has {} bits and {} has {}: BitCast needs types of one width", name(from), bits(from), name(dtype), bits(dtype));
  return dtype;
}

static Status infer(InferCall& c) {
  TRY(const DType to, target_of(c.node, c.dtype(0)));
  c.set(0, to, c.shape(0));
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  TRY(const DType to, target_of(c.node, x.dtype()));
  if (to == DType::boolean) {  // any other byte is no bool
    Tensor& y = c.make(0, to, x.dims());
    for (std::size_t i = 0; i < x.bytes().size(); ++i) y.writable()[i] = std::byte{x.bytes()[i] != std::byte{0}};
    return Ok{};
  }
  TRY(Tensor y, Tensor::view(to, x.dims(), x.bytes(), x.owner()));
  c.set(0, std::move(y));
  return Ok{};
}
extern const Op bitcast_op{.name = "BitCast",
                           .since = 26,
                           .inputs = "input: T1",
                           .outputs = "output: T2",
                           .attributes = "to!: int",
                           .types = "T1: all; T2: all",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
