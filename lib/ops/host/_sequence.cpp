// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_sequence.h"

#include "lib/ops/move.h"

namespace hone {

ValueType sequence_of(ValueType element) { return {DType::sequence, {}, std::make_shared<const ValueType>(std::move(element))}; }

Result<std::size_t> position(const OpCall& c, std::size_t i, std::int64_t n, std::int64_t last) {
  if (!c.has(i)) return static_cast<std::size_t>(last);
  if (c.in(i).count() != 1) return invalid("the position has {} elements, expected 1", c.in(i).count());
  const std::int64_t given = c.in(i).to_ints()[0];
  if (given < -n || given > last) return invalid("position {} is outside [{}, {}] of a sequence of {}", given, -n, last, n);
  return static_cast<std::size_t>(given < 0 ? given + n : given);
}

Tensor part(const Node& node, const Tensor& x, std::size_t axis, std::int64_t from, std::int64_t n) {
  Dims dims = x.dims();
  dims[axis] = n;
  std::vector<Tensor> out(1);
  OpCall inner(node, {}, out);
  Mover y(inner, 0, x.dtype(), dims);
  const std::int64_t outer = product(x.dims(), 0, axis), item = product(x.dims(), axis + 1, x.rank());
  for (std::int64_t o = 0; o < outer; ++o) y.copy(x, (o * x.dims()[axis] + from) * item, o * n * item, n * item);
  [[maybe_unused]] const Status done = y.finish();
  assert(done);
  return std::move(out[0]);
}

}  // namespace hone
