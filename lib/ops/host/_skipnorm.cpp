// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_skipnorm.h"

#include "lib/ops/normalize.h"

namespace hone {

static constexpr float default_epsilon = 1e-12f;

Status infer_skip_norm(InferCall& c, SkipInputs in) {
  const Shape &x = c.shape(0), &skip = c.shape(1);
  if (x.ranked && x.rank() < 2) return invalid("the input has shape {}, expected 2 or 3 axes", to_string(x));
  if (x.ranked && skip.ranked) {
    if (skip.rank() > x.rank()) return invalid("skip has shape {}, the input {}", to_string(skip), to_string(x));
    for (std::size_t i = 1; i <= skip.rank(); ++i) {
      const Dim &a = x.dims[x.rank() - i], &b = skip.dims[skip.rank() - i];
      if (a.known() && b.known() && a.value != b.value && !(i == 3 && b.value == 1))
        return invalid("skip has shape {}, which does not repeat over the input's {}", to_string(skip), to_string(x));
    }
    if (skip.rank() + 1 < x.rank()) return invalid("skip has shape {}, the input {}", to_string(skip), to_string(x));
  }
  for (const std::size_t i : {std::size_t{2}, in.beta, in.bias}) {
    if (i == 0 || !c.has(i)) continue;
    CHECK_OK(expect_rank(c, i, 1, "a vector of weights"));
    if (x.ranked && c.shape(i).ranked)
      CHECK_OK(unify(x.dims.back(), c.shape(i).dims[0]).in("last axis of the input and length of the weights"));
  }
  Shape moments = x;
  if (moments.ranked) moments.dims.back() = 1;
  c.set(1, DType::f32, moments);
  c.set(2, DType::f32, std::move(moments));
  c.set(3, c.dtype(0), x);
  return infer_same(c);
}

float normalize_row(const float* x, std::int64_t n, float epsilon, bool simplified, const float* gamma, const float* beta, float* y,
                    float* mean) {
  Moments<float> m{0, 0};
  if (simplified) {
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i) squares += static_cast<double>(x[i]) * static_cast<double>(x[i]);
    m.inverse = static_cast<float>(1 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(epsilon)));
  } else {
    m = moments_of(x, n, epsilon);
  }
  for (std::int64_t i = 0; i < n; ++i) y[i] = (x[i] - m.mean) * m.inverse * gamma[i] + (beta ? beta[i] : 0);
  *mean = m.mean;
  return m.inverse;
}

Status run_skip_norm(OpCall& c, SkipInputs inputs, bool simplified) {
  CHECK_OK(outputs_by_rule(c));
  const Dims& dims = c.in(0).dims();
  const std::int64_t n = dims.back(), rows = n ? c.in(0).count() / n : 0, repeat = c.in(1).count();
  const ReadAs<float> x(c.in(0)), skip(c.in(1)), gamma(c.in(2)), beta(inputs.beta ? c.find(inputs.beta) : nullptr),
      bias(inputs.bias ? c.find(inputs.bias) : nullptr);
  std::vector<float> sum(static_cast<std::size_t>(c.in(0).count()) + 1);
  for (std::int64_t i = 0; i < rows * n; ++i) sum[static_cast<std::size_t>(i)] = x[i] + skip[i % repeat] + (bias ? bias[i % n] : 0);
  WriteAs<float> y(c.make(0, c.in(0).dtype(), dims));
  Dims moments = dims;
  moments.back() = 1;
  Tensor mean = Tensor::allocate(DType::f32, moments), inverse = Tensor::allocate(DType::f32, moments);
  for (std::int64_t r = 0; r < rows; ++r)
    inverse.data<float>()[r] = normalize_row(sum.data() + r * n, n, c.node.number("epsilon", default_epsilon), simplified, gamma.data(),
                                             beta ? beta.data() : nullptr, y.data() + r * n, mean.data<float>() + r);
  if (c.wants(1)) c.set(1, std::move(mean));
  if (c.wants(2)) c.set(2, std::move(inverse));
  if (c.wants(3)) {
    WriteAs<float> s(c.make(3, c.in(0).dtype(), dims));
    std::copy_n(sum.data(), rows * n, s.data());
  }
  return Ok{};
}

}  // namespace hone
