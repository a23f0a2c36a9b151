// SPDX-License-Identifier: Apache-2.0
// start, start + delta, ... up to but without limit.
#include <cmath>

#include "lib/ir/dim_math.h"
#include "lib/ops/convert.h"
#include "lib/ops/move.h"

namespace hone {

// The number of elements, from the scalars' values.
static Result<std::int64_t> length(const Tensor& start, const Tensor& limit, const Tensor& delta) {
  for (const Tensor* t : {&start, &limit, &delta})
    if (t->count() != 1) return invalid("start, limit and delta must be scalars; one has {} elements", t->count());
  const double step = element(delta, 0);
  if (step == 0 || std::isnan(step)) return invalid("delta is {}", step);
  const double n = std::ceil((element(limit, 0) - element(start, 0)) / step);
  if (std::isnan(n) || n > 1e12) return invalid("the range has too many elements");
  return n > 0 ? static_cast<std::int64_t>(n) : 0;
}

static Status infer(InferCall& c) {
  Dim n;
  if (c.constant(0) && c.constant(1) && c.constant(2)) {
    TRY(n, length(*c.constant(0), *c.constant(1), *c.constant(2)));
  } else if (const auto start = c.content(0), limit = c.content(1); start && limit && start->size() == 1 && limit->size() == 1) {
    const auto delta = c.integers(2);
    if (delta && delta->size() == 1 && (*delta)[0] > 0) n = ceil_div(max((*limit)[0] - (*start)[0], Dim(0)), (*delta)[0]);
  }
  c.set(0, c.dtype(0), {n});
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(const std::int64_t n, length(c.in(0), c.in(1), c.in(2)));
  CHECK_OK(check_size({n}));
  Tensor& y = c.make(0, c.in(0).dtype(), {n});
  const bool narrow = y.dtype() == DType::f16 || y.dtype() == DType::bf16;
  if (const std::int64_t stash = c.node.integer("stash_type", 1); narrow && stash != 1 && stash != 11)
    return invalid("stash_type is {}, expected 1 (float) or 11 (double)", stash);
  const bool wide = y.dtype() == DType::f64 || (narrow && c.node.integer("stash_type", 1) == 11);
  if (is_integer(y.dtype())) {
    const auto start = static_cast<std::uint64_t>(c.in(0).to_ints()[0]), delta = static_cast<std::uint64_t>(c.in(2).to_ints()[0]);
    for (std::int64_t i = 0; i < n; ++i) store(y, i, static_cast<std::int64_t>(start + static_cast<std::uint64_t>(i) * delta));
  } else if (wide) {
    for (std::int64_t i = 0; i < n; ++i) store(y, i, element(c.in(0), 0) + static_cast<double>(i) * element(c.in(2), 0));
  } else {
    const float start = static_cast<float>(element(c.in(0), 0)), delta = static_cast<float>(element(c.in(2), 0));
    for (std::int64_t i = 0; i < n; ++i) store(y, i, static_cast<double>(start + static_cast<float>(i) * delta));
  }
  return Ok{};
}
extern const Op range_op{.name = "Range",
                         .since = 11,
                         .inputs = "start: T, limit: T, delta: T",
                         .outputs = "output: T",
                         .attributes = "stash_type: int = 1",
                         .types = "T: floats int16 int32 int64",
                         .infer = infer,
                         .reference = run};

}  // namespace hone
