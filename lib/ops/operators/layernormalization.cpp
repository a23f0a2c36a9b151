// SPDX-License-Identifier: Apache-2.0
// Y = Scale * (X - mean) / sqrt(variance + epsilon) + B, statistics over the axes from `axis` on; also the mean and 1 / deviation.
#include <cmath>

#include "lib/ops/normalize.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(infer_trailing(c));
  Shape moments = c.shape(0);
  if (moments.ranked) {
    TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), moments.rank()));
    for (std::size_t i = axis; i < moments.rank(); ++i) moments.dims[i] = 1;
  }
  const auto stash = static_cast<DType>(c.node.integer("stash_type", 1));
  if (stash != DType::f32 && stash != DType::bf16)
    return invalid("stash_type is {}, expected 1 (float) or 16 (bfloat16)", c.node.integer("stash_type", 1));
  c.set(1, stash, moments);
  c.set(2, stash, std::move(moments));
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(const std::vector<Fact> facts, outputs_by_rule(c));
  const Tensor& t = c.in(0);
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), t.rank()));
  Dims rows(t.dims().begin(), t.dims().begin() + static_cast<std::ptrdiff_t>(axis));
  rows.resize(t.rank(), 1);
  const auto stash = static_cast<DType>(c.node.integer("stash_type", 1));
  Tensor& y = c.make(0, t.dtype(), t.dims());
  Tensor mean = Tensor::allocate(DType::f64, rows), inverse = Tensor::allocate(DType::f64, rows);
  CHECK_OK(normalize_trailing(c, y, count_of(rows), [&](const auto* x, std::int64_t n, std::int64_t row) {
    const auto m = moments_of(x, n, c.node.number("epsilon", 1e-5f));
    mean.data<double>()[row] = static_cast<double>(m.mean);
    inverse.data<double>()[row] = static_cast<double>(m.inverse);
    return m;
  }));
  for (const std::size_t i : {1, 2}) {
    if (!c.wants(i)) continue;
    WriteAs<double> out(c.make(i, stash, rows));
    std::copy_n((i == 1 ? mean : inverse).data<double>(), mean.count(), out.data());
  }
  return Ok{};
}
extern const Op layernormalization_op{.name = "LayerNormalization",
                                      .since = 17,
                                      .inputs = "X: T, Scale: T, B?: T",
                                      .outputs = "Y: T, Mean?: U, InvStdDev?: U",
                                      .attributes = "axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1",
                                      .types = "T: floats; U: float bfloat16",
                                      .infer = infer,
                                      .reference = run};

}  // namespace hone
