// SPDX-License-Identifier: Apache-2.0
// Y = scale * X / sqrt(mean of X^2 + epsilon) over the axes from `axis` on: RMSNormalization under the name, and in the default
// domain, in which exporters wrote it before the standard had it. The scale's type is the output's.
#include "lib/ops/host/_skipnorm.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  const Shape& x = c.shape(0);
  Shape moments = x;
  if (x.ranked) {
    TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), x.rank()));
    for (std::size_t i = axis; i < x.rank(); ++i) moments.dims[i] = 1;
    const auto dims = x.concrete(), scale = c.shape(1).concrete();
    if (dims && scale && count_of(*scale) != count_of(std::span(*dims).subspan(axis)))
      return invalid("the scale has shape {}, which does not fit the axes from {} on of {}", to_string(*scale), axis, to_string(*dims));
  }
  c.set(0, c.dtype(1), x);
  c.set(1, DType::f32, std::move(moments));
  return Ok{};
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  TRY(const std::size_t axis, normalize_axis(c.node.integer("axis", -1), y->rank()));
  Dims moments(y->dims().begin(), y->dims().begin() + static_cast<std::ptrdiff_t>(axis));
  moments.resize(y->rank(), 1);
  Tensor inverse = Tensor::allocate(DType::f32, moments);
  const std::int64_t n = c.in(1).count();
  const ReadAs<float> x(c.in(0)), scale(c.in(1));
  WriteAs<float> out(*y);
  float mean = 0;
  for (std::int64_t r = 0; r < inverse.count(); ++r)
    inverse.data<float>()[r] =
        normalize_row(x.data() + r * n, n, c.node.number("epsilon", 1e-5f), true, scale.data(), nullptr, out.data() + r * n, &mean);
  if (c.wants(1)) c.set(1, std::move(inverse));
  return Ok{};
}
extern const Op simplifiedlayernormalization_op{.name = "SimplifiedLayerNormalization",
                                                .inputs = "X: T, scale: V",
                                                .outputs = "Y: V, inv_std_var?: U",
                                                .attributes = "axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1",
                                                .types = "T: floats; V: floats; U: float",
                                                .infer = infer,
                                                .reference = run};

}  // namespace hone
