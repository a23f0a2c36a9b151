// SPDX-License-Identifier: Apache-2.0
// GroupNorm of S = X + skip + bias. skip is like X, or has one element for each channel of each image: (n, 1, 1, c) or (n, c).
#include "lib/ops/host/_groupnorm.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(infer_group_norm(c));
  const auto x = c.shape(0).concrete(), skip = c.shape(3).concrete(), bias = c.shape(4).concrete();
  if (!x || !skip) return Ok{};
  const std::int64_t channels = (*x)[c.node.integer("channels_last", 1) != 0 ? 3 : 1];
  if (*skip != *x && *skip != Dims{(*x)[0], channels} && *skip != Dims{(*x)[0], 1, 1, channels})
    return invalid("skip has shape {}, expected {}, or one element for each of {} channels of an image", to_string(*skip), to_string(*x),
                   channels);
  if (bias && *bias != Dims{channels}) return invalid("the bias has shape {}, expected {} channels", to_string(*bias), channels);
  return Ok{};
}

static Status run(OpCall& c) {
  CHECK_OK(outputs_by_rule(c));
  const Dims& dims = c.in(0).dims();
  const bool last = c.node.integer("channels_last", 1) != 0, whole = c.in(3).dims() == dims;
  const std::int64_t channels = dims[last ? 3 : 1], size = dims[last ? 1 : 2] * dims[last ? 2 : 3];
  const ReadAs<float> x(c.in(0)), skip(c.in(3)), bias(c.find(4));
  Tensor sum = Tensor::allocate(DType::f32, dims);
  for (std::int64_t i = 0; i < sum.count(); ++i) {
    const std::int64_t image = i / (channels * size), channel = last ? i % channels : i / size % channels;
    sum.data<float>()[i] = x[i] + skip[whole ? i : image * channels + channel] + (bias ? bias[channel] : 0);
  }
  if (c.wants(1)) {
    WriteAs<float> s(c.make(1, c.in(0).dtype(), dims));
    std::copy_n(sum.data<float>(), sum.count(), s.data());
  }
  return group_norm(c, sum);
}
extern const Op skipgroupnorm_op{.name = "SkipGroupNorm",
                                 .domain = "com.microsoft",
                                 .inputs = "X: T, gamma: M, beta: M, skip: T, bias?: T",
                                 .outputs = "Y: T, S?: T",
                                 .attributes = group_norm_attributes,
                                 .types = "T: float16 float; M: float16 float",
                                 .infer = infer,
                                 .reference = run};

}  // namespace hone
