// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_optimizer.h"

#include "lib/ops/convert.h"

namespace hone {

// The number n of tensors optimized at once.
static Result<std::size_t> tensors_of(std::size_t inputs, std::size_t states) {
  if (inputs < 2 + 2 + states || (inputs - 2) % (2 + states) != 0)
    return invalid("has {} inputs, expected 2 (rate, count) and {} for each tensor optimized (value, gradient, {} of state)", inputs,
                   2 + states, states);
  return (inputs - 2) / (2 + states);
}

Status infer_optimizer(InferCall& c, std::size_t states) {
  TRY(const std::size_t n, tensors_of(c.inputs(), states));
  for (std::size_t scalar = 0; scalar < 2; ++scalar)
    if (const auto dims = c.shape(scalar).concrete(); dims && count_of(*dims) != 1)
      return invalid("input {} has shape {}, expected one element", scalar, to_string(*dims));
  if (c.outputs() > n * (1 + states)) return invalid("has {} outputs, expected {}", c.outputs(), n * (1 + states));
  for (std::size_t k = 0; k < n; ++k) {
    Shape shape = c.shape(2 + k);
    for (std::size_t part = 1; part < 2 + states; ++part) {
      const std::size_t i = 2 + part * n + k;
      const Shape& other = c.shape(i);
      if (!shape.ranked || !other.ranked) continue;
      CHECK_OK(expect_rank(c, i, shape.rank(), format("input {}", i)));
      for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        TRY(shape.dims[axis], unify(shape.dims[axis], other.dims[axis]));
      }
      CHECK_OK(same_dtype(c, 2 + k, i));
    }
    for (std::size_t part = 0; part < 1 + states; ++part) c.set(part * n + k, c.dtype(2 + k), shape);
  }
  return Ok{};
}

Status run_optimizer(OpCall& c, std::size_t states, const std::function<void(Update&, double rate, double count)>& step) {
  CHECK_OK(outputs_by_rule(c));
  TRY(const std::size_t n, tensors_of(c.inputs(), states));
  const double rate = element(c.in(0), 0), count = element(c.in(1), 0);
  for (std::size_t k = 0; k < n; ++k) {
    const Tensor &x = c.in(2 + k), &gradient = c.in(2 + n + k);
    std::vector<Tensor> out;
    for (std::size_t part = 0; part < 1 + states; ++part) out.push_back(Tensor::allocate(x.dtype(), x.dims()));
    for (std::int64_t i = 0; i < x.count(); ++i) {
      Update u{element(x, i), element(gradient, i), {}};
      for (std::size_t s = 0; s < states; ++s) u.state[s] = element(c.in(2 + (2 + s) * n + k), i);
      step(u, rate, count);
      store(out[0], i, u.x);
      for (std::size_t s = 0; s < states; ++s) store(out[1 + s], i, u.state[s]);
    }
    for (std::size_t part = 0; part < 1 + states; ++part)
      if (part * n + k < c.outputs()) c.set(part * n + k, std::move(out[part]));
  }
  return Ok{};
}

}  // namespace hone
