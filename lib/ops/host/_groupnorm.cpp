// SPDX-License-Identifier: Apache-2.0
#include "lib/ops/host/_groupnorm.h"

#include "lib/ops/normalize.h"

namespace hone {

Status infer_group_norm(InferCall& c) {
  const Shape& x = c.shape(0);
  CHECK_OK(expect_rank(c, 0, 4, "X"));
  const std::int64_t groups = c.node.integer("groups"), activation = c.node.integer("activation");
  if (activation != 0 && activation != 1) return invalid("activation is {}, expected 0 (none) or 1 (SiLU)", activation);
  if (groups < 1) return invalid("groups is {}, expected 1 or more", groups);
  if (x.ranked) {
    const Dim channels = x.dims[c.node.integer("channels_last", 1) != 0 ? 3 : 1];
    if (channels.known() && channels.value % groups != 0) return invalid("{} channels do not make {} groups", channels.value, groups);
    for (const std::size_t i : {1, 2}) {
      CHECK_OK(expect_rank(c, i, 1, i == 1 ? "gamma" : "beta"));
      if (c.shape(i).ranked) CHECK_OK(unify(channels, c.shape(i).dims[0]).in("channels of X and length of gamma and beta"));
    }
  }
  c.set(1, c.dtype(0), x);
  return infer_same(c);
}

Status group_norm(OpCall& c, const Tensor& x) {
  const bool last = c.node.integer("channels_last", 1) != 0, silu = c.node.integer("activation") == 1;
  const std::int64_t groups = c.node.integer("groups"), channels = x.dims()[last ? 3 : 1],
                     size = x.dims()[last ? 1 : 2] * x.dims()[last ? 2 : 3];
  const float epsilon = c.node.number("epsilon", 1e-5f);
  const ReadAs<float> in(x), gamma(c.in(1)), beta(c.in(2));
  WriteAs<float> y(c.make(0, c.in(0).dtype(), x.dims()));
  const std::int64_t each = channels / groups;
  std::vector<float> group(static_cast<std::size_t>(each * size) + 1);
  for (std::int64_t n = 0; n < x.dims()[0]; ++n)
    for (std::int64_t g = 0; g < groups; ++g) {
      const auto place = [&](std::int64_t i) {  // of element i of the group: channel by channel
        const std::int64_t channel = g * each + i / size;
        return last ? (n * size + i % size) * channels + channel : (n * channels + channel) * size + i % size;
      };
      for (std::int64_t i = 0; i < each * size; ++i) group[static_cast<std::size_t>(i)] = in[place(i)];
      const auto m = moments_of(group.data(), each * size, epsilon);
      for (std::int64_t i = 0; i < each * size; ++i) {
        const std::int64_t channel = g * each + i / size;
        const float v = (group[static_cast<std::size_t>(i)] - m.mean) * m.inverse * gamma[channel] + beta[channel];
        y[place(i)] = silu ? v / (1 + std::exp(-v)) : v;
      }
    }
  return Ok{};
}

}  // namespace hone
