// SPDX-License-Identifier: Apache-2.0
// y = scale * (x - mean) / sqrt(variance + epsilon) + B, statistics of each channel of each sample.
#include <cmath>

#include "lib/ops/normalize.h"

namespace hone {

static Status infer(InferCall& c) {
  CHECK_OK(infer_per_channel(c));
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Dims& dims = y->dims();
  const float epsilon = c.node.number("epsilon", 1e-5f);
  return dispatch_real(y->dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(c.in(0)), scale(c.in(1)), bias(c.in(2));
    WriteAs<A> out(*y);
    const std::int64_t channels = dims[1], size = count_of(std::span(dims).subspan(2));
    for (std::int64_t i = 0; i < dims[0] * channels; ++i) {
      const Moments<A> m = moments_of(x.data() + i * size, size, epsilon);
      for (std::int64_t p = i * size; p < (i + 1) * size; ++p)
        out[p] = (x[p] - m.mean) * m.inverse * scale[i % channels] + bias[i % channels];
    }
  });
}
extern const Op instancenormalization_op{.name = "InstanceNormalization",
                                         .since = 6,
                                         .inputs = "input: T, scale: T, B: T",
                                         .outputs = "output: T",
                                         .attributes = "epsilon: float = 1e-5",
                                         .types = "T: floats",
                                         .infer = infer,
                                         .reference = run};

}  // namespace hone
