// SPDX-License-Identifier: Apache-2.0
// Y = (X - mean) / sqrt(var + epsilon) * scale + B for each channel (axis 1), with the stored statistics. Training is refused.
#include <cmath>

#include "lib/ops/rule.h"
#include "lib/ops/wide.h"

namespace hone {

static Status infer(InferCall& c) {
  if (c.node.integer("training_mode") != 0)
    return invalid("training_mode is set; Hone runs inference only: export the model in evaluation mode");
  const Shape& x = c.shape(0);
  if (x.ranked && x.rank() < 2) return invalid("the input has shape {}, expected batch, channels and spatial axes", to_string(x));
  for (const std::size_t i : {1, 2, 3, 4}) {
    CHECK_OK(expect_rank(c, i, 1, "a parameter"));
    if (!x.ranked || !c.shape(i).ranked) continue;
    if (!unify(x.dims[1], c.shape(i).dims[0]))
      return invalid("input {} has {} elements, expected {} (one for each channel)", i, to_string(c.shape(i)), x.dims[1].value);
  }
  return infer_same(c);
}

static Status run(OpCall& c) {
  TRY(Tensor* const y, make_by_rule(c));
  const Tensor& t = c.in(0);
  const float epsilon = c.node.number("epsilon", 1e-5f);
  return dispatch_real(t.dtype(), [&]<class A>(Type<A>) {
    const ReadAs<A> x(t), scale(c.in(1)), bias(c.in(2)), mean(c.in(3)), var(c.in(4));
    WriteAs<A> out(*y);
    const std::int64_t channels = t.dims()[1], size = count_of(std::span(t.dims()).subspan(2));
    for (std::int64_t i = 0; i < t.dims()[0] * channels; ++i) {
      const std::int64_t k = i % channels;
      const A factor = scale[k] / std::sqrt(var[k] + static_cast<A>(epsilon));
      for (std::int64_t p = i * size; p < (i + 1) * size; ++p) out[p] = (x[p] - mean[k]) * factor + bias[k];
    }
  });
}

// Opset 7 had `spatial`: 0 meant statistics for each element of the plane.
static Status upgrade(Graph&, Node& n, int) {
  if (n.integer("spatial", 1) == 0) return invalid("spatial = 0 is not supported: export the model with opset 9 or later");
  if (const auto it = n.attributes.find("spatial"); it != n.attributes.end()) n.attributes.erase(it);
  return Ok{};
}
extern const Op batchnormalization_op{.name = "BatchNormalization",
                                      .since = 9,
                                      .inputs = "X: T, scale: T1, B: T1, input_mean: T2, input_var: T2",
                                      .outputs = "Y: T, running_mean?: T2, running_var?: T2",
                                      .attributes = "epsilon: float = 1e-5, momentum: float = 0.9, training_mode: int = 0",
                                      .types = "T: floats; T1: floats; T2: floats",
                                      .infer = infer,
                                      .reference = run,
                                      .upgrade = upgrade};

}  // namespace hone
