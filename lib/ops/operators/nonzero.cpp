// SPDX-License-Identifier: Apache-2.0
// The index of every element that is not zero, one column for each, in row-major order.
#include "lib/ops/move.h"
#include "lib/ops/parts.h"

namespace hone {

static std::vector<std::int64_t> found(const Tensor& x) {
  std::vector<std::int64_t> at;
  const std::optional<Tensor> parts = complex_parts(x);
  for (std::int64_t i = 0; i < x.count(); ++i)
    if (x.dtype() == DType::string ? !x.string_values()[static_cast<std::size_t>(i)].empty()
        : parts                    ? element(*parts, 2 * i) != 0 || element(*parts, 2 * i + 1) != 0
                                   : element(x, i) != 0)
      at.push_back(i);
  return at;
}

static Status infer(InferCall& c) {
  const Shape& in = c.shape(0);
  Dim n;
  if (const Tensor* x = c.constant(0)) n = Dim(static_cast<std::int64_t>(found(*x).size()));
  c.set(0, DType::i64, {in.ranked ? Dim(static_cast<std::int64_t>(in.rank())) : Dim(), n});
  return Ok{};
}

static Status run(OpCall& c) {
  const Tensor& x = c.in(0);
  const std::vector<std::int64_t> at = found(x);
  const auto n = static_cast<std::int64_t>(at.size());
  Tensor& y = c.make(0, DType::i64, {static_cast<std::int64_t>(x.rank()), n});
  const Dims strides = strides_of(x.dims());
  for (std::size_t k = 0; k < x.rank(); ++k)
    for (std::int64_t i = 0; i < n; ++i)
      y.data<std::int64_t>()[static_cast<std::int64_t>(k) * n + i] = at[static_cast<std::size_t>(i)] / strides[k] % x.dims()[k];
  return Ok{};
}
extern const Op nonzero_op{.name = "NonZero",
                           .since = 9,
                           .inputs = "X: T",
                           .outputs = "Y: int64",
                           .types = "T: numeric bool string complex64 complex128",
                           .infer = infer,
                           .reference = run};

}  // namespace hone
